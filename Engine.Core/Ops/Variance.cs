using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The variance over axes, Σ (x − mean)² / (n − 1): what a sample says of where it came from; over all axes where none is named.</summary>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are fewer than 2 numbers.</exception>
    /// <remarks>Gradient: dx = dy · 2 (x − mean) / (n − 1). The default of n − 1 is Bessel's correction, as in PyTorch.</remarks>
    public Tensor Variance(params ReadOnlySpan<int> axes) => Variance(axes, keepDims: false);

    /// <summary>The variance over axes, Σ (x − mean)² / (n − correction).</summary>
    /// <param name="axes">Axes to reduce; negative ones count from the end. None means all.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    /// <param name="correction">1 for the variance that a sample estimates without bias, 0 for that of the numbers themselves.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are not more numbers than the correction.</exception>
    public Tensor Variance(ReadOnlySpan<int> axes, bool keepDims, int correction = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(correction);
        var given = ReduceAxes.From(Shape, axes).Require(nameof(Variance), correction + 1);
        if (given.Passes().Count < 2) return Op.Apply(new VarianceOp(given, keepDims, correction), this);
        // Variances do not combine: bring the axes together first.
        var together = Permute(given.LastOrder);
        return Op.Apply(new VarianceOp(given.AfterLastOrder, false, correction), together).Reshape(given.Result(keepDims));
    }
}

/// <summary>Σ (x − mean)² / (n − correction) over neighbouring axes.</summary>
internal sealed class VarianceOp(ReduceAxes axes, bool keepDims, int correction) : ReduceOp<SquaredDeviations>(axes, keepDims)
{
    public override string Name => "Variance";

    public override string Attributes => $"{base.Attributes}, correction={correction}";

    protected override double Scale(int n) => 1.0 / (n - correction);

    public override Tensor Forward()
    {
        Save(Input(0));
        return base.Forward();
    }

    // dx = dy · 2 (x − mean) / (n − correction)
    public override Tensor?[] Backward(Tensor dy)
    {
        var x = Saved(0);
        return [(x - x.Mean(Axes.Indices, keepDims: true)) * (dy.Reshape(Axes.Kept) * (2 * Scale(Axes.Count)))];
    }
}
