using Engine.Core;

namespace Engine.Layers;

/// <summary>The tokens of a text, or of two, and their class.</summary>
/// <param name="Text">Encoded.</param>
/// <param name="Class">From 0 on.</param>
public readonly record struct LabelledEncoding(EncodedText Text, int Class);

/// <summary>Batches of encoded texts, or pairs of them, with their classes: ids, (N, T), Int32, padded at the end to the longest, and the batch's lengths; classes, (N), Int32; and
/// among the batch's others, by the name <see cref="MaskedPairCollator.Types"/>, which text each token is of, (N, T), Int32.</summary>
/// <param name="padding">The id of padding: <see cref="SubwordTokenizer.Padding"/>.</param>
public sealed class EncodedTextCollator(int padding) : ICollator<LabelledEncoding>
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">A text has no tokens.</exception>
    public void Collate(ReadOnlySpan<Drawn<LabelledEncoding>> examples, HostBatch batch, Rng rng)
    {
        var (ids, types) = (new ReadOnlyMemory<int>[examples.Length], new ReadOnlyMemory<int>[examples.Length]);
        var classes = batch.Targets.SetInts([examples.Length]);
        for (int i = 0; i < ids.Length; i++) (ids[i], types[i], classes[i]) = (examples[i].Value.Text.Ids, examples[i].Value.Text.TypeIds, examples[i].Value.Class);
        batch.Lengths = new SequencePadding { Token = padding }.Write(ids, batch.Inputs);
        new SequencePadding().Write(types, batch.Other(MaskedPairCollator.Types));
    }
}
