using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A function of two numbers, written once for every device; see <see cref="IUnaryFunction"/> for who runs which form.</summary>
public interface IBinaryFunction
{
    /// <summary>The function's name.</summary>
    static abstract string Name { get; }

    /// <summary>y = f(a, b), the defining formula.</summary>
    static abstract double Forward(double a, double b);

    /// <summary>∂f/∂a, the defining formula.</summary>
    static abstract double DerivativeA(double a, double b);

    /// <summary>∂f/∂b, the defining formula.</summary>
    static abstract double DerivativeB(double a, double b);

    /// <summary>y = f(a, b) on a GPU.</summary>
    static abstract float Forward(float a, float b);

    /// <summary>∂f/∂a on a GPU.</summary>
    static abstract float DerivativeA(float a, float b);

    /// <summary>∂f/∂b on a GPU.</summary>
    static abstract float DerivativeB(float a, float b);

    /// <summary>y = f(a, b), sixteen at a time.</summary>
    static abstract Vector512<float> Forward(Vector512<float> a, Vector512<float> b);

    /// <summary>∂f/∂a, sixteen at a time.</summary>
    static abstract Vector512<float> DerivativeA(Vector512<float> a, Vector512<float> b);

    /// <summary>∂f/∂b, sixteen at a time.</summary>
    static abstract Vector512<float> DerivativeB(Vector512<float> a, Vector512<float> b);
}

/// <summary>How two operands are walked to make a row-major result: a stride of 0 repeats an operand along that axis.</summary>
/// <param name="Sizes">The result's axes.</param>
/// <param name="A">The first operand's strides.</param>
/// <param name="B">The second operand's strides.</param>
public readonly record struct BinarySizes(Axes Sizes, Axes A, Axes B);

public abstract partial class Device
{
    /// <summary>y = F(a, b), number by number, with broadcasting.</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32.</param>
    /// <param name="y">Float32, row-major; may be an operand that is not repeated.</param>
    /// <param name="sizes">How the operands are walked.</param>
    public void Binary<F>(View a, View b, View y, BinarySizes sizes) where F : struct, IBinaryFunction
    {
        Check(a, DType.Float32);
        Check(b, DType.Float32);
        Check(y, DType.Float32, sizes.Sizes.Count);
        if (y.Length > 0) BinaryCore<F>(a, b, y, sizes);
        Done(F.Name, a, b, y);
    }

    /// <summary>d = dy · ∂F/∂a or dy · ∂F/∂b, number by number, in the result's sizes: what was repeated is still to be summed.</summary>
    /// <param name="a">Float32, F's first operand.</param>
    /// <param name="b">Float32, F's second operand.</param>
    /// <param name="dy">Float32, the gradient of the result, row-major.</param>
    /// <param name="d">Float32, row-major, of the result's sizes; may be dy.</param>
    /// <param name="sizes">How the operands are walked.</param>
    /// <param name="second">The derivative by b rather than by a.</param>
    public void BinaryBackward<F>(View a, View b, View dy, View d, BinarySizes sizes, bool second) where F : struct, IBinaryFunction
    {
        Check(a, DType.Float32);
        Check(b, DType.Float32);
        Check(dy, DType.Float32, sizes.Sizes.Count);
        Check(d, DType.Float32, sizes.Sizes.Count);
        if (d.Length > 0) BinaryBackwardCore<F>(a, b, dy, d, sizes, second);
        Done(F.Name + "Backward", a, b, dy, d);
    }

    private protected abstract void BinaryCore<F>(View a, View b, View y, BinarySizes sizes) where F : struct, IBinaryFunction;

    private protected abstract void BinaryBackwardCore<F>(View a, View b, View dy, View d, BinarySizes sizes, bool second) where F : struct, IBinaryFunction;
}
