using Engine.Core;

namespace Engine.Layers;

/// <summary>An encoder's states with what an <see cref="EncoderAttention"/> looks them up by: made once, and asked at every step of a decoder.</summary>
/// <param name="States">(B, S, stateSize).</param>
/// <param name="Keys">(B, S, …): the states as the score takes them.</param>
/// <param name="Mask">(B, 1, S), UInt8, 1 past a source's end; null where none ends before S.</param>
public sealed record AttentionMemory(Tensor States, Tensor Keys, Tensor? Mask)
{
    /// <summary>The memories of some of the sources, or of one several times: what a search that drops and doubles its hypotheses asks for.</summary>
    /// <param name="rows">Int32, (R), each in 0..B−1.</param>
    /// <exception cref="Engine.Kernels.IndexException">A row is out of range.</exception>
    public AttentionMemory Select(Tensor rows)
    {
        var states = States.GatherRows(rows);
        return new(states, ReferenceEquals(Keys, States) ? states : Keys.GatherRows(rows), Mask?.GatherRows(rows));
    }
}
