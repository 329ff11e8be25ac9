using Engine.Core;

namespace Engine.Layers;

/// <summary>Applies a layer to every step of every sequence alike: (B, T, …) is given to it as (B·T, …).</summary>
/// <remarks>Where <see cref="Pass.Lengths"/> leaves steps out, the layer is not given them, and the outputs there are 0. The layer within is called "layer".</remarks>
public sealed class TimeDistributed : Layer
{
    private readonly Layer layer;

    /// <summary>A layer for each step.</summary>
    public TimeDistributed(Layer layer) => this.layer = Register("layer", layer);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        var steps = new Steps(x, pass);
        var y = layer.Forward(steps.Rows, pass.WithLengths(null));
        if (y.Rank == 0 || y.Shape[0] != steps.Rows.Shape[0])
            throw new ShapeException($"{layer.Title} made {y.Shape} of {steps.Rows.Shape}, and must make one row of each step.");
        return steps.Padded(y);
    }
}
