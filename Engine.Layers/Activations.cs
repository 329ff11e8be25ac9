using Engine.Core;

namespace Engine.Layers;

/// <summary>y = max(x, 0).</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Relu();
}
