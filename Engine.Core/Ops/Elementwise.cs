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

/// <summary>y = a + b, or a − b: like <see cref="BinaryOp{F}"/>, but nothing need be saved or computed to hand the gradient on.</summary>
internal sealed class SumOp<F> : Op where F : struct, IBinaryFunction
{
    public override string Name => F.Name;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var shape = Shape.Broadcast(a.Shape, b.Shape, Name);
        var y = NewTensor(shape);
        a.Device.Binary<F>(a.View, b.View, y.View, Broadcasting.Sizes(shape, a.Shape, b.Shape));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [Needs(0) ? Broadcasting.SumTo(dy, InputShape(0)) : null, Needs(1) ? Second(dy) : null];

    private Tensor Second(Tensor dy)
    {
        var db = Broadcasting.SumTo(dy, InputShape(1));
        return typeof(F) == typeof(Subtract) ? -db : db;
    }
}
