using Engine.Core;

namespace Engine.Layers;

/// <summary>A metric of numbers against numbers.</summary>
public abstract class NumberMetric : Metric
{
    private protected double Absolute, Square, Mean, Deviations;
    private protected long Numbers;

    /// <inheritdoc/>
    public override double[] State
    {
        get => [Numbers, Absolute, Square, Mean, Deviations];
        set => (Numbers, Absolute, Square, Mean, Deviations) = ((long)value[0], value[1], value[2], value[3], value[4]);
    }

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets)
    {
        if (outputs.Count != targets.Count) throw Mismatch(outputs, targets, "there are as many of both");
        using var scope = outputs.Device.Scope(Name);
        float[] y = Floats(outputs), wanted = Floats(targets);
        for (int i = 0; i < y.Length; i++)
        {
            double error = (double)y[i] - wanted[i];
            Absolute += Math.Abs(error);
            Square += error * error;
            // The mean of the targets and Σ(target − mean)², one by one: their squares' difference would lose its digits. Source: Welford 1962.
            double before = wanted[i] - Mean;
            Mean += before / ++Numbers;
            Deviations += before * (wanted[i] - Mean);
        }
    }

    /// <inheritdoc/>
    public override void Reset() => State = new double[5];
}

/// <summary>The mean of |output − target|.</summary>
public sealed class MeanAbsoluteError : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "mae";

    /// <inheritdoc/>
    public override double Value => Absolute / Numbers;

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;
}

/// <summary>√ of the mean of (output − target)².</summary>
public sealed class RootMeanSquaredError : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "rmse";

    /// <inheritdoc/>
    public override double Value => Math.Sqrt(Square / Numbers);

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;
}

/// <summary>The share of the targets' variance that the outputs explain: 1 − Σ(target − output)² / Σ(target − mean)². NaN under two numbers;
/// where all targets are equal, 1 if the outputs are too and else 0, as in scikit-learn.</summary>
public sealed class R2 : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "r2";

    /// <inheritdoc/>
    public override double Value => Numbers < 2 ? double.NaN : Deviations != 0 ? 1 - Square / Deviations : Square == 0 ? 1 : 0;
}
