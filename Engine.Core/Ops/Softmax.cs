using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>exp x / Σ exp x along an axis: positive numbers that sum to 1. Computed as exp(x − max), so that nothing overflows.</summary>
    /// <param name="axis">The axis; negative ones count from the end. Any but the last costs two copies.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <remarks>Gradient: dx = y (dy − Σ dy·y).</remarks>
    public Tensor Softmax(int axis = -1) => Softmax(axis, log: false);

    /// <summary>log(exp x / Σ exp x) along an axis, exact where the softmax itself would round to 0.</summary>
    /// <param name="axis">The axis; negative ones count from the end. Any but the last costs two copies.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <remarks>Gradient: dx = dy − exp y · Σ dy.</remarks>
    public Tensor LogSoftmax(int axis = -1) => Softmax(axis, log: true);

    private Tensor Softmax(int axis, bool log)
        => Shape.Axis(axis) == Rank - 1
            ? Op.Apply(new SoftmaxOp(log), this)
            : Op.Apply(new SoftmaxOp(log), Transpose(axis, -1)).Transpose(axis, -1);
}

/// <summary>The softmax along the last axis, or its logarithm.</summary>
internal sealed class SoftmaxOp(bool log) : Op
{
    public override string Name => log ? "LogSoftmax" : "Softmax";

    public override long Flops => 5L * InputShape(0).Count;         // max, difference, exponential, sum, division

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape);
        x.Device.SoftmaxForward(x.View, y.View, Rows(x), x.Shape[-1], log);
        Save(y);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var y = Saved(0);
        var dx = Tensor.Empty(y.Shape, y.Device, op: Name);
        y.Device.SoftmaxBackward(y.View, dy.View, dx.View, Rows(y), y.Shape[-1], log);
        return [dx];
    }

    private static int Rows(Tensor x) => x.Shape.Product(0, x.Rank - 1);
}
