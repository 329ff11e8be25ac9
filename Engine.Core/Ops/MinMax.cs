using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The largest number over axes; over all of them where none is named. NaN where any is NaN.</summary>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are no numbers.</exception>
    /// <remarks>Gradient: dy to the largest number; several that are equal share it evenly, as in PyTorch's amax.</remarks>
    public Tensor Max(params ReadOnlySpan<int> axes) => Max(axes, keepDims: false);

    /// <inheritdoc cref="Max(ReadOnlySpan{int})"/>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    public Tensor Max(ReadOnlySpan<int> axes, bool keepDims)
        => Op.Apply(new ExtremeOp<Kernels.Max>(ReduceAxes.From(Shape, axes).Require(nameof(Max)), keepDims), this);

    /// <summary>The smallest number over axes; over all of them where none is named. NaN where any is NaN.</summary>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are no numbers.</exception>
    /// <remarks>Gradient: dy to the smallest number; several that are equal share it evenly, as in PyTorch's amin.</remarks>
    public Tensor Min(params ReadOnlySpan<int> axes) => Min(axes, keepDims: false);

    /// <inheritdoc cref="Min(ReadOnlySpan{int})"/>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    public Tensor Min(ReadOnlySpan<int> axes, bool keepDims)
        => Op.Apply(new ExtremeOp<Kernels.Min>(ReduceAxes.From(Shape, axes).Require(nameof(Min)), keepDims), this);
}

/// <summary>The largest or smallest number over axes.</summary>
internal sealed class ExtremeOp<R>(ReduceAxes axes, bool keepDims) : ReduceOp<R>(axes, keepDims) where R : struct, IReducer<float>
{
    public override Tensor Forward()
    {
        var y = base.Forward();
        Save(Input(0));
        Save(y);
        return y;
    }

    // dx = dy / (how many equal y) where x = y
    public override Tensor?[] Backward(Tensor dy)
    {
        var hits = Saved(0).Equal(Saved(1).Reshape(Axes.Kept)).Cast(DType.Float32);
        return [hits * (dy.Reshape(Axes.Kept) / hits.Sum(Axes.Indices, keepDims: true))];
    }
}
