using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Repeats this tensor to a larger shape; copies. Arithmetic does it by itself, without the copy.</summary>
    /// <param name="shape">Aligned at the last axis, each size is this one's, or this one's is 1 or missing.</param>
    /// <exception cref="ShapeException">This tensor does not broadcast to the shape.</exception>
    /// <remarks>Gradient: dy, summed over the axes that were repeated.</remarks>
    public Tensor BroadcastTo(Shape shape) => Op.Apply(new BroadcastToOp(shape), this);
}

/// <summary>A tensor repeated to a larger shape.</summary>
internal sealed class BroadcastToOp(Shape shape) : Op
{
    public override string Name => "BroadcastTo";

    public override Tensor Forward()
    {
        var x = Input(0);
        if (Shape.Broadcast(x.Shape, shape, Name) != shape)
            throw new ShapeException($"BroadcastTo: {x.Describe()} is larger than {shape} along some axis. Sum over that axis, or slice it.");
        if (x.Shape == shape) return x.Share(0, shape);
        var y = NewTensor(shape, x.DType);
        x.Device.StridedCopy(x.View, y.View, CopySizes.Merge(shape.Sizes, Broadcasting.Strides(shape, x.Shape), shape.Strides()));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [Broadcasting.SumTo(dy, InputShape(0))];
}
