using Engine.Core;

namespace Engine.Layers;

/// <summary>Texts as the rows of a batch, as long as the longest and padded at the end.</summary>
/// <param name="Ids">(N, T), Int32.</param>
/// <param name="TypeIds">(N, T), Int32; 0 for padding.</param>
/// <param name="Lengths">Tokens of each row that are not padding.</param>
/// <param name="Texts">The rows without padding, with their offsets.</param>
public sealed record EncodedBatch(Tensor Ids, Tensor TypeIds, int[] Lengths, IReadOnlyList<EncodedText> Texts);
