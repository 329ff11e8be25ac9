using Engine.Core;

namespace Engine.Layers;

/// <summary>The share of examples whose class is among the k largest outputs.</summary>
public sealed class TopKAccuracy : Metric
{
    private readonly int k;
    private long right, all;

    /// <summary>Looks at the k largest.</summary>
    public TopKAccuracy(int k = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        this.k = k;
    }

    /// <inheritdoc/>
    public override string Name => $"top{k}";

    /// <inheritdoc/>
    public override double Value => (double)right / all;

    /// <inheritdoc/>
    public override double[] State
    {
        get => [right, all];
        set => (right, all) = ((long)value[0], (long)value[1]);
    }

    /// <inheritdoc/>
    /// <remarks>Of equal outputs those of lower classes come first, as in a stable sort.</remarks>
    public override void Add(Tensor outputs, Tensor targets)
    {
        int classes = outputs.Rank == 0 ? 0 : outputs.Shape[^1];
        if (classes == 0 || outputs.Count / classes != targets.Count) throw Mismatch(outputs, targets, "outputs are (..., classes) and targets (...)");
        using var scope = outputs.Device.Scope(Name);
        float[] y = Floats(outputs), wanted = Floats(targets);
        for (int i = 0; i < wanted.Length; i++)
        {
            var row = y.AsSpan(i * classes, classes);
            int c = (int)wanted[i], before = 0;
            if ((uint)c >= (uint)classes) throw new Kernels.IndexException($"{Name}: class {c} is not in 0..{classes - 1}.");
            for (int j = 0; j < classes; j++)
                if (row[j] > row[c] || (row[j] == row[c] && j < c)) before++;
            all++;
            if (before < k) right++;
        }
    }

    /// <inheritdoc/>
    public override void Reset() => right = all = 0;
}
