using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The index of the largest number along an axis: of several the first, and the first NaN where there is one.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>Int32, this shape without that axis; it has no gradient.</returns>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMax(int axis = -1) => Op.Apply(new ArgMaxOp(ReduceAxes.From(Shape, [Shape.Axis(axis)]).Require(nameof(ArgMax))), Detach());
}

/// <summary>The index of the largest number along an axis.</summary>
internal sealed class ArgMaxOp(ReduceAxes axes) : Op
{
    public override string Name => "ArgMax";

    public override string Attributes => $"axis={axes}";

    public override long Flops => InputShape(0).Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(axes.Result(keepDims: false), DType.Int32);
        x.Device.Reduce<ArgMax, int>(x.View, y.View, axes.Passes()[0]);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => throw new GraphException("ArgMax has no gradient: it is constant wherever it is continuous.");
}
