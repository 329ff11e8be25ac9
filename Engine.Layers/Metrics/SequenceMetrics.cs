using Engine.Core;

namespace Engine.Layers;

/// <summary>A metric of sequences of classes: the largest of the outputs, (N, T, C), at each place against the targets, (N, T), Int32.</summary>
public abstract class SequenceMetric : Metric
{
    private readonly int? padding;
    private long right, all;

    private protected SequenceMetric(int? padding) => this.padding = padding;

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

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets)
    {
        if (outputs.Rank != 3 || targets.Rank != 2 || outputs.Shape[0] != targets.Shape[0] || outputs.Shape[1] != targets.Shape[1])
            throw Mismatch(outputs, targets, "outputs are (N, T, classes) and targets (N, T)");
        using var scope = outputs.Device.Scope(Name);
        int[] best = outputs.ArgMax().ToArray<int>(), wanted = targets.ToArray<int>();
        int steps = targets.Shape[1];
        for (int first = 0; first < wanted.Length; first += steps)
        {
            int places = 0, hits = 0;
            for (int i = first; i < first + steps; i++)
            {
                if (wanted[i] == padding) continue;
                places++;
                if (best[i] == wanted[i]) hits++;
            }
            var (more, of) = Count(hits, places);
            right += more;
            all += of;
        }
    }

    /// <summary>What a sequence counts, and of how much.</summary>
    private protected abstract (int Right, int All) Count(int hits, int places);
}

/// <summary>The share of places that are right.</summary>
/// <param name="padding">A class whose places are passed over; none if left out.</param>
public sealed class TokenAccuracy(int? padding = null) : SequenceMetric(padding)
{
    /// <inheritdoc/>
    public override string Name => "token_accuracy";

    private protected override (int Right, int All) Count(int hits, int places) => (hits, places);
}

/// <summary>The share of sequences that are right at every place. Under teacher forcing that is the share that the model writes right by itself, taking the
/// likeliest token each time: up to its first mistake it is given what it wrote.</summary>
/// <param name="padding">A class whose places are passed over; none if left out.</param>
public sealed class SequenceAccuracy(int? padding = null) : SequenceMetric(padding)
{
    /// <inheritdoc/>
    public override string Name => "sequence_accuracy";

    private protected override (int Right, int All) Count(int hits, int places) => (hits == places ? 1 : 0, 1);
}
