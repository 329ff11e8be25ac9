using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The same numbers in another type.</summary>
    /// <param name="dtype">The type.</param>
    /// <returns>This shape; this tensor itself where it has that type.</returns>
    /// <remarks>To Int32, UInt8 and Int8: the fraction is dropped, what is beyond the range becomes its nearest end, NaN becomes 0. To Float16 and
    /// BFloat16, and from a large Int32 to Float32: rounded to nearest, ties to even; too large for Float16 becomes ±∞; NaN stays NaN. Between
    /// two types of which neither is Float32: by way of it. Gradient: dy, in Float32, where both types are floating-point ones; else none.</remarks>
    public Tensor Cast(DType dtype)
    {
        if (dtype == DType) return this;
        if (DType != DType.Float32 && dtype != DType.Float32) return Cast(DType.Float32).Cast(dtype);
        if (dtype.IsFloat()) return Op.Apply(new CastOp(dtype), this);
        using var _ = NoGrad.Begin();
        return Op.Apply(new CastOp(dtype), this);
    }
}

/// <summary>The same numbers in another type.</summary>
internal sealed class CastOp(DType dtype) : Op
{
    public override string Name => "Cast";

    public override string Attributes => dtype.ToString();

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape, dtype);
        x.Device.Cast(x.View, y.View);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [dy];
}
