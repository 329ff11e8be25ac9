using Engine.Core;

namespace Engine.Layers;

/// <summary>Makes one row of each item: (N, …) becomes (N, product of the rest).</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 1) throw new ShapeException($"Flatten: {x.Shape} has no axis to keep. Give it a batch, (N, …).");
        return x.Reshape(x.Shape[0], x.Shape.Product(1, x.Rank));
    }
}
