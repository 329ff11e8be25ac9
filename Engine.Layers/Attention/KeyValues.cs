using Engine.Core;

namespace Engine.Layers;

/// <summary>Keys and values that a <see cref="MultiHeadAttention"/> made of a memory, an encoder's states for one: made once, and asked at every step of a
/// decoder.</summary>
/// <param name="Keys">(B, S, keySize).</param>
/// <param name="Values">(B, S, keySize).</param>
/// <param name="Lengths">How many of the S count for each of the batch; null for all.</param>
public sealed record KeyValues(Tensor Keys, Tensor Values, int[]? Lengths)
{
    /// <summary>Those of some of the batch, or of one several times: what a search that drops and doubles its hypotheses asks for.</summary>
    /// <param name="rows">Int32, (R), each in 0..B−1.</param>
    /// <exception cref="Engine.Kernels.IndexException">A row is out of range.</exception>
    public KeyValues Select(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new(Keys.GatherRows(rows), Values.GatherRows(rows), Lengths is { } lengths ? [.. rows.ToArray<int>().Select(row => lengths[row])] : null);
    }
}
