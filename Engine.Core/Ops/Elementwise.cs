using Engine.Kernels;

namespace Engine.Core;

/// <summary>y = F(x; a, b), for any <see cref="IUnaryFunction"/>.</summary>
internal sealed class UnaryOp<F>(double a = 0, double b = 0, string attributes = "") : Op where F : struct, IUnaryFunction
{
    public override string Name => F.Name;

    public override string Attributes => attributes;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape);
        x.Device.Unary<F>(x.View, y.View, a, b);
        if (!F.IsLinear) Save(F.DerivativeUsesInput ? x : y);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var v = F.IsLinear ? dy : Saved(0);
        var dx = Tensor.Empty(v.Shape, v.Device, op: Name);
        v.Device.UnaryBackward<F>(v.View, dy.View, dx.View, a, b);
        return [dx];
    }
}

/// <summary>y = F(a, b) with broadcasting, for any <see cref="IBinaryFunction"/>.</summary>
internal sealed class BinaryOp<F> : Op where F : struct, IBinaryFunction
{
    private BinarySizes sizes;

    public override string Name => F.Name;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var shape = Shape.Broadcast(a.Shape, b.Shape, Name);
        sizes = Broadcasting.Sizes(shape, a.Shape, b.Shape);
        var y = NewTensor(shape);
        a.Device.Binary<F>(a.View, b.View, y.View, sizes);
        Save(a);
        Save(b);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor a = Saved(0), b = Saved(1);
        return [Needs(0) ? Gradient(second: false) : null, Needs(1) ? Gradient(second: true) : null];

        Tensor Gradient(bool second)
        {
            var d = Tensor.Empty(dy.Shape, dy.Device, op: Name);
            dy.Device.BinaryBackward<F>(a.View, b.View, dy.View, d.View, sizes, second);
            return Broadcasting.SumTo(d, second ? b.Shape : a.Shape);
        }
    }
}

/// <summary>y = a + b: like <see cref="BinaryOp{F}"/>, but nothing need be saved or computed to hand the gradient on.</summary>
internal sealed class AddOp : Op
{
    public override string Name => Add.Name;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var shape = Shape.Broadcast(a.Shape, b.Shape, Name);
        var y = NewTensor(shape);
        a.Device.Binary<Add>(a.View, b.View, y.View, Broadcasting.Sizes(shape, a.Shape, b.Shape));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
        => [Needs(0) ? Broadcasting.SumTo(dy, InputShape(0)) : null, Needs(1) ? Broadcasting.SumTo(dy, InputShape(1)) : null];
}

/// <summary>y = a − b: nothing need be saved to hand the gradient on.</summary>
internal sealed class SubtractOp : Op
{
    public override string Name => Subtract.Name;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var shape = Shape.Broadcast(a.Shape, b.Shape, Name);
        var y = NewTensor(shape);
        a.Device.Binary<Subtract>(a.View, b.View, y.View, Broadcasting.Sizes(shape, a.Shape, b.Shape));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
        => [Needs(0) ? Broadcasting.SumTo(dy, InputShape(0)) : null, Needs(1) ? -Broadcasting.SumTo(dy, InputShape(1)) : null];
}

/// <summary>How small shapes are repeated to meet large ones.</summary>
internal static class Broadcasting
{
    /// <summary>The walk over both operands that makes a row-major result.</summary>
    public static BinarySizes Sizes(Shape result, Shape a, Shape b)
    {
        if (result.Count == 0) return new BinarySizes(new Axes(1, 1, 1, 1, 1, 0), default, default);
        if (a == b)
        {
            var inOrder = new Axes(0, 0, 0, 0, 0, 1);
            return new BinarySizes(new Axes(1, 1, 1, 1, 1, result.Count), inOrder, inOrder);
        }
        var axes = Axes.Merge(result.Sizes, Strides(result, a), Strides(result, b));
        return new BinarySizes(axes[0], axes[1], axes[2]);
    }

    /// <summary>Strides of an operand along the result's axes: 0 where it is repeated.</summary>
    public static int[] Strides(Shape result, Shape operand)
    {
        var strides = new int[result.Rank];
        var own = operand.Strides();
        for (int i = 1; i <= operand.Rank; i++)
            strides[^i] = operand.Sizes[^i] == 1 ? 0 : own[^i];
        return strides;
    }

    /// <summary>Sums a gradient over the axes along which its operand was repeated.</summary>
    public static Tensor SumTo(Tensor d, Shape shape)
    {
        if (d.Shape == shape) return d;
        var axes = new List<int>();
        for (int i = 1; i <= d.Rank; i++)
            if (i > shape.Rank || (shape.Sizes[^i] == 1 && d.Shape.Sizes[^i] != 1)) axes.Add(d.Rank - i);
        return d.Sum([.. axes]).Reshape(shape);
    }
}
