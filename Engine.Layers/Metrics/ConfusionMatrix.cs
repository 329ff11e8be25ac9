using Engine.Kernels;

namespace Engine.Layers;

/// <summary>How often each class was taken for each: a row for what it was, a column for what was predicted. Its value is the accuracy.</summary>
public class ConfusionMatrix : ClassMetric
{
    private readonly long[] counts;

    /// <summary>A matrix of zeros.</summary>
    /// <param name="classes">How many there are.</param>
    /// <param name="threshold">Where outputs are one number each: over it is class 1.</param>
    public ConfusionMatrix(int classes, double threshold = 0) : base(threshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        Classes = classes;
        counts = new long[classes * classes];
    }

    /// <summary>How many classes.</summary>
    public int Classes { get; }

    /// <inheritdoc/>
    public override string Name => "confusion";

    /// <summary>How often an example of class <paramref name="actual"/> was predicted to be <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => counts[actual * Classes + predicted];

    /// <inheritdoc/>
    public override double Value => (double)Enumerable.Range(0, Classes).Sum(i => this[i, i]) / counts.Sum();

    /// <inheritdoc/>
    public override double[] State
    {
        get => Array.ConvertAll(counts, n => (double)n);
        set => Array.ConvertAll(value, n => (long)n).CopyTo(counts, 0);
    }

    /// <inheritdoc/>
    public override void Reset() => Array.Clear(counts);

    /// <summary>Of what was predicted to be the class, the share that was: TP / (TP + FP); NaN where nothing was predicted so.</summary>
    public double Precision(int @class) => (double)this[@class, @class] / Predicted(@class);

    /// <summary>Of what was the class, the share that was predicted so: TP / (TP + FN); NaN where nothing was.</summary>
    public double Recall(int @class) => (double)this[@class, @class] / Actual(@class);

    /// <summary>The harmonic mean of the two, 2·TP / (2·TP + FP + FN); NaN where the class neither was nor was predicted.</summary>
    public double F1(int @class) => 2.0 * this[@class, @class] / (Predicted(@class) + Actual(@class));

    /// <summary>Examples of a class.</summary>
    public long Actual(int @class) => Enumerable.Range(0, Classes).Sum(j => this[@class, j]);

    /// <summary>Predictions of a class.</summary>
    public long Predicted(int @class) => Enumerable.Range(0, Classes).Sum(i => this[i, @class]);

    private protected override void Count(int predicted, int actual)
    {
        if ((uint)predicted >= (uint)Classes || (uint)actual >= (uint)Classes)
            throw new IndexException($"{Name}: class {Math.Max(predicted, actual)} is not in 0..{Classes - 1}. Give it as many classes as the model has outputs.");
        counts[actual * Classes + predicted]++;
    }
}

/// <summary>What a metric of many classes makes one number of.</summary>
public enum Average
{
    /// <summary>The mean over the classes, each alike. One that neither was nor was predicted is left out; another without a figure counts as 0.</summary>
    Macro,

    /// <summary>That of all classes' right and wrong predictions counted together: for one class an example, the accuracy.</summary>
    Micro,

    /// <summary>The mean over the classes, each by its examples.</summary>
    Weighted,

    /// <summary>That of class 1 alone, of two.</summary>
    Binary,
}

/// <summary><see cref="ConfusionMatrix.Precision"/> of class 1, or averaged over the classes.</summary>
/// <param name="classes">How many there are.</param>
/// <param name="average">That of class 1 where there are two classes and the macro average where there are more, unless given.</param>
/// <param name="threshold">Where outputs are one number each: over it is class 1. 0 for logits, 0.5 for probabilities.</param>
public sealed class Precision(int classes = 2, Average? average = null, double threshold = 0) : AveragedMetric(classes, average, threshold)
{
    /// <inheritdoc/>
    public override string Name => "precision";

    private protected override double Of(int @class) => Precision(@class);
}

/// <summary><see cref="ConfusionMatrix.Recall"/> of class 1, or averaged over the classes.</summary>
/// <param name="classes">How many there are.</param>
/// <param name="average">That of class 1 where there are two classes and the macro average where there are more, unless given.</param>
/// <param name="threshold">Where outputs are one number each: over it is class 1. 0 for logits, 0.5 for probabilities.</param>
public sealed class Recall(int classes = 2, Average? average = null, double threshold = 0) : AveragedMetric(classes, average, threshold)
{
    /// <inheritdoc/>
    public override string Name => "recall";

    private protected override double Of(int @class) => Recall(@class);
}

/// <summary><see cref="ConfusionMatrix.F1"/> of class 1, or averaged over the classes.</summary>
/// <param name="classes">How many there are.</param>
/// <param name="average">That of class 1 where there are two classes and the macro average where there are more, unless given.</param>
/// <param name="threshold">Where outputs are one number each: over it is class 1. 0 for logits, 0.5 for probabilities.</param>
public sealed class F1(int classes = 2, Average? average = null, double threshold = 0) : AveragedMetric(classes, average, threshold)
{
    /// <inheritdoc/>
    public override string Name => "f1";

    private protected override double Of(int @class) => F1(@class);
}

/// <summary>A figure of each class, averaged over the classes.</summary>
public abstract class AveragedMetric : ConfusionMatrix
{
    private readonly Average average;

    private protected AveragedMetric(int classes, Average? average, double threshold) : base(classes, threshold)
    {
        if (average == Average.Binary && classes != 2) throw new ArgumentException($"{nameof(Average)}.{nameof(Average.Binary)} is for 2 classes, not {classes}.", nameof(average));
        this.average = average ?? (classes == 2 ? Average.Binary : Average.Macro);
    }

    /// <inheritdoc/>
    public override double Value
    {
        get
        {
            var classes = Enumerable.Range(0, Classes);
            long all = classes.Sum(Actual);
            if (all == 0) return double.NaN;
            return average switch
            {
                Average.Binary => OrZero(Of(1)),
                Average.Micro => base.Value,
                Average.Weighted => classes.Sum(c => OrZero(Of(c)) * Actual(c)) / all,
                _ => classes.Where(c => Actual(c) + Predicted(c) > 0).Average(c => OrZero(Of(c))),
            };
        }
    }

    /// <summary>The figure of one class.</summary>
    private protected abstract double Of(int @class);

    private static double OrZero(double x) => double.IsNaN(x) ? 0 : x;
}
