using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A relation of two numbers, written once for every device; see <see cref="IUnaryFunction"/> for who runs which form.</summary>
public interface ICompareFunction
{
    /// <summary>The relation's name.</summary>
    static abstract string Name { get; }

    /// <summary>Whether it holds, the defining formula.</summary>
    static abstract bool Holds(double a, double b);

    /// <summary>1 where it holds, else 0, on a GPU.</summary>
    static abstract int Holds(float a, float b);

    /// <summary>All bits set where it holds, sixteen at a time.</summary>
    static abstract Vector512<float> Holds(Vector512<float> a, Vector512<float> b);
}

public abstract partial class Device
{
    /// <summary>y = 1 where F(a, b) holds, else 0, number by number, with broadcasting.</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32.</param>
    /// <param name="y">UInt8, row-major.</param>
    /// <param name="sizes">How the operands are walked.</param>
    public void Compare<F>(View a, View b, View y, BinarySizes sizes) where F : struct, ICompareFunction
    {
        Check(a, DType.Float32);
        Check(b, DType.Float32);
        Check(y, DType.UInt8, sizes.Sizes.Count);
        if (y.Length > 0) CompareCore<F>(a, b, y, sizes);
        Done(F.Name, a, b, y);
    }

    private protected abstract void CompareCore<F>(View a, View b, View y, BinarySizes sizes) where F : struct, ICompareFunction;
}
