using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>1 where x = other, else 0, number by number, with broadcasting; 0 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor Equal(Tensor other) => Compare<Kernels.Equal>(this, other);

    /// <summary>1 where x ≠ other, else 0, number by number, with broadcasting; 1 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor NotEqual(Tensor other) => Compare<Kernels.NotEqual>(this, other);

    /// <summary>1 where x &lt; other, else 0, number by number, with broadcasting; 0 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor Less(Tensor other) => Compare<Kernels.Less>(this, other);

    /// <summary>1 where x ≤ other, else 0, number by number, with broadcasting; 0 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor LessEqual(Tensor other) => Compare<Kernels.LessEqual>(this, other);

    /// <summary>1 where x &gt; other, else 0, number by number, with broadcasting; 0 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor Greater(Tensor other) => Compare<Kernels.Greater>(this, other);

    /// <summary>1 where x ≥ other, else 0, number by number, with broadcasting; 0 where either is NaN.</summary>
    /// <param name="other">Float32.</param>
    /// <returns>UInt8, the broadcast shape. No gradient.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor GreaterEqual(Tensor other) => Compare<Kernels.GreaterEqual>(this, other);

    private static Tensor Compare<F>(Tensor a, Tensor b) where F : struct, ICompareFunction
    {
        using var _ = NoGrad.Begin();
        return Op.Apply(new CompareOp<F>(), a, b);
    }
}

/// <summary>y = 1 where F(a, b) holds, else 0, with broadcasting, for any <see cref="ICompareFunction"/>.</summary>
internal sealed class CompareOp<F> : Op where F : struct, ICompareFunction
{
    public override string Name => F.Name;

    public override long Flops => OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var shape = Shape.Broadcast(a.Shape, b.Shape, Name);
        var y = NewTensor(shape, DType.UInt8);
        a.Device.Compare<F>(a.View, b.View, y.View, Broadcasting.Sizes(shape, a.Shape, b.Shape));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [null, null];
}
