using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A metric of predicted classes: the largest of the outputs along the last axis where targets are classes; where outputs and targets
/// are as many, class 1 for an output over the threshold, else 0, and likewise for a target over ½. Of several labels an example, (N, L), each counts
/// as an example of its own.</summary>
public abstract class ClassMetric : Metric
{
    private readonly double threshold;

    private protected ClassMetric(double threshold) => this.threshold = threshold;

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets)
    {
        using var scope = outputs.Device.Scope(Name);
        float[] wanted = Floats(targets);
        if (outputs.Count == targets.Count)
        {
            float[] found = Floats(outputs);
            for (int i = 0; i < found.Length; i++)
            {
                if (!(wanted[i] is >= 0 and <= 1)) throw new IndexException($"{Name}: a target is {wanted[i]}, and for outputs of one number each it is 0 or 1.");
                Count(found[i] > threshold ? 1 : 0, wanted[i] > 0.5f ? 1 : 0);
            }
            return;
        }
        if (outputs.Rank == 0 || outputs.Count / Math.Max(1, outputs.Shape[^1]) != targets.Count)
            throw Mismatch(outputs, targets, "outputs are (..., classes) and targets (...), or both the same for two classes");
        int[] best = outputs.ArgMax(outputs.Rank - 1).ToArray<int>();
        for (int i = 0; i < best.Length; i++) Count(best[i], (int)wanted[i]);
    }

    /// <summary>Counts one prediction.</summary>
    private protected abstract void Count(int predicted, int actual);
}

/// <summary>The share of predictions that are right.</summary>
/// <param name="threshold">Where outputs are one number each: over it is class 1. 0 for logits, 0.5 for probabilities.</param>
public sealed class Accuracy(double threshold = 0) : ClassMetric(threshold)
{
    private long right, all;

    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override double Value => (double)right / all;

    /// <inheritdoc/>
    public override double[] State
    {
        get => [right, all];
        set => (right, all) = ((long)value[0], (long)value[1]);
    }

    /// <inheritdoc/>
    public override void Reset() => right = all = 0;

    private protected override void Count(int predicted, int actual)
    {
        all++;
        if (predicted == actual) right++;
    }
}
