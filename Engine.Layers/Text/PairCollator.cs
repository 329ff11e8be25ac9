using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches of sequences with sequences for targets: the sources' ids, (N, S), Int32, and their lengths; the targets' ids, (N, T), Int32.</summary>
/// <param name="source">How sources become rows; as long as the batch's longest, padded at the end with token 0, unless given.</param>
/// <param name="target">How targets become rows, likewise. A loss that passes padding over takes its token for <c>ignoreIndex</c>.</param>
public sealed class PairCollator(SequencePadding? source = null, SequencePadding? target = null) : ICollator<TokenPair>
{
    private readonly SequencePadding source = source ?? new(), target = target ?? new();

    /// <inheritdoc/>
    /// <exception cref="ShapeException">A sequence has no tokens, and the padding gives it none.</exception>
    public void Collate(ReadOnlySpan<Drawn<TokenPair>> examples, HostBatch batch, Rng rng)
    {
        var (sources, targets) = (new ReadOnlyMemory<int>[examples.Length], new ReadOnlyMemory<int>[examples.Length]);
        for (int i = 0; i < sources.Length; i++) (sources[i], targets[i]) = (examples[i].Value.Source, examples[i].Value.Target);
        batch.Lengths = source.Write(sources, batch.Inputs);
        target.Write(targets, batch.Targets);
    }
}
