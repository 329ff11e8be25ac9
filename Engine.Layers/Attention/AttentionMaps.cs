using Engine.Core;

namespace Engine.Layers;

/// <summary>Gathers what each attention of a pass looked at, layer by layer, for pictures: its weights are computed once more by the formula, since the kernel
/// never has them in memory.</summary>
public sealed class AttentionMaps
{
    /// <summary>Of each layer's attention to its own sequence, (B, heads, T, S).</summary>
    public List<Tensor> Self { get; } = [];

    /// <summary>Of each decoder layer's attention to the encoder's states, (B, heads, T, S).</summary>
    public List<Tensor> Memory { get; } = [];
}
