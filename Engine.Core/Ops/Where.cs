using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>a where the condition is not 0, else b, number by number; all three broadcast.</summary>
    /// <param name="condition">UInt8, what a comparison gives.</param>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32.</param>
    /// <returns>The broadcast shape. A NaN that is not taken leaves no trace.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The condition is not UInt8, or a or b not Float32.</exception>
    /// <remarks>Gradients: da = dy where the condition is not 0, else 0; db the other way round. What made a is still
    /// differentiated where it was not taken, and 0 times an infinite derivative is NaN: guard √x at 0 by what goes in, not by what comes out.</remarks>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b) => Op.Apply(new WhereOp(), condition, a, b);
}

/// <summary>y = c ? a : b.</summary>
internal sealed class WhereOp : Op
{
    public override string Name => "Where";

    public override Tensor Forward()
    {
        Tensor c = Input(0), a = Input(1), b = Input(2);
        Save(c);
        return Select(c, a, b, Shape.Broadcast(c.Shape, Shape.Broadcast(a.Shape, b.Shape, Name), Name));
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var c = Saved(0);
        var zero = Tensor.Zeros([], dy.Device);
        return [
            null,
            Needs(1) ? Broadcasting.SumTo(Select(c, dy, zero, dy.Shape), InputShape(1)) : null,
            Needs(2) ? Broadcasting.SumTo(Select(c, zero, dy, dy.Shape), InputShape(2)) : null,
        ];
    }

    private Tensor Select(Tensor c, Tensor a, Tensor b, Shape shape)
    {
        var y = Tensor.Empty(shape, c.Device, op: Name);
        c.Device.Where(c.View, a.View, b.View, y.View, Sizes(shape, c.Shape, a.Shape, b.Shape));
        return y;
    }

    private static WhereSizes Sizes(Shape shape, Shape c, Shape a, Shape b)
    {
        if (shape.Count == 0) return new WhereSizes(new Axes(1, 1, 1, 1, 1, 0), default, default, default);
        var axes = Axes.Merge(shape.Sizes, Broadcasting.Strides(shape, c), Broadcasting.Strides(shape, a), Broadcasting.Strides(shape, b));
        return new WhereSizes(axes[0], axes[1], axes[2], axes[3]);
    }
}
