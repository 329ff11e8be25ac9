using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches of sequences with their classes: ids of tokens, (N, T), Int32, and the batch's lengths; classes, (N), Int32.</summary>
/// <param name="padding">How sequences become rows; as long as the batch's longest, padded at the end with token 0, unless given.</param>
public sealed class SequenceCollator(SequencePadding? padding = null) : ICollator<LabelledTokens>
{
    private readonly SequencePadding padding = padding ?? new();

    /// <inheritdoc/>
    /// <exception cref="ShapeException">A sequence has no tokens, and the padding gives it none.</exception>
    public void Collate(ReadOnlySpan<Drawn<LabelledTokens>> examples, HostBatch batch, Rng rng)
    {
        var rows = new ReadOnlyMemory<int>[examples.Length];
        var classes = batch.Targets.SetInts([examples.Length]);
        for (int i = 0; i < rows.Length; i++) (rows[i], classes[i]) = (examples[i].Value.Tokens, examples[i].Value.Class);
        batch.Lengths = padding.Write(rows, batch.Inputs);
    }
}
