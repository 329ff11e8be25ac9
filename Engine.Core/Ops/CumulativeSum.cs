using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Sums of the numbers up to each one along an axis, itself included.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="DTypeException">This tensor is not Float32.</exception>
    /// <remarks>Gradient: the sums of dy from each number on. The order of the sums depends on the shape alone.</remarks>
    public Tensor CumulativeSum(int axis) => Op.Apply(new CumulativeSumOp(Shape.Axis(axis)), this);
}

/// <summary>Sums up to each number along an axis.</summary>
internal sealed class CumulativeSumOp(int axis) : Op
{
    public override string Name => "CumulativeSum";

    public override string Attributes => $"axis={axis}";

    public override long Flops => InputShape(0).Count;

    public override Tensor Forward() => Sum(Input(0), reversed: false);

    public override Tensor?[] Backward(Tensor dy) => [Sum(dy, reversed: true)];

    private Tensor Sum(Tensor x, bool reversed)
    {
        var y = Tensor.Empty(x.Shape, x.Device, op: Name);
        x.Device.CumulativeSum(x.View, y.View, new ReduceSizes(x.Shape.Product(0, axis), x.Shape.Sizes[axis], x.Shape.Product(axis + 1, x.Rank)), reversed);
        return y;
    }
}
