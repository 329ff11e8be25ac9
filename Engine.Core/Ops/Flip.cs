using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The numbers of axes in reverse order; of all axes where none is named. Copies.</summary>
    /// <param name="axes">The axes; negative ones count from the end.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There is no such axis, or one is named twice.</exception>
    /// <remarks>Gradient: dy, reversed back.</remarks>
    public Tensor Flip(params ReadOnlySpan<int> axes) => Op.Apply(new FlipOp(ReduceAxes.From(Shape, axes).Indices), this);
}

/// <summary>Axes in reverse order.</summary>
internal sealed class FlipOp(int[] axes) : Op
{
    public override string Name => "Flip";

    public override string Attributes => $"axes={string.Join(",", axes)}";

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape, x.DType);
        int[] from = x.Shape.Strides(), to = x.Shape.Strides();
        int start = 0;
        foreach (int axis in axes)
        {
            start += (x.Shape.Sizes[axis] - 1) * from[axis];
            from[axis] = -from[axis];
        }
        x.Device.StridedCopy(x.View, y.View, CopySizes.Merge(x.Shape.Sizes, from, to, start));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [Apply(new FlipOp(axes), dy)];
}
