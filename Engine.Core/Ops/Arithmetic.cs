using System.Globalization;
using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>a + b, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator +(Tensor a, Tensor b) => Op.Apply(new SumOp<Add>(), a, b);

    /// <summary>a + b, b added to each number.</summary>
    public static Tensor operator +(Tensor a, double b) => WithScalar<AddScalar>(a, b);

    /// <summary>a + b, a added to each number.</summary>
    public static Tensor operator +(double a, Tensor b) => WithScalar<AddScalar>(b, a);

    /// <summary>a − b, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator -(Tensor a, Tensor b) => Op.Apply(new SumOp<Subtract>(), a, b);

    /// <summary>a − b, b taken from each number.</summary>
    public static Tensor operator -(Tensor a, double b) => WithScalar<AddScalar>(a, -b);

    /// <summary>a − b, each number taken from a.</summary>
    public static Tensor operator -(double a, Tensor b) => WithScalar<SubtractFrom>(b, a);

    /// <summary>−a.</summary>
    public static Tensor operator -(Tensor a) => Op.Apply(new UnaryOp<Negate>(), a);

    /// <summary>a · b, number by number, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator *(Tensor a, Tensor b) => Op.Apply(new BinaryOp<Multiply>(), a, b);

    /// <summary>a · b, each number times b.</summary>
    public static Tensor operator *(Tensor a, double b) => WithScalar<MultiplyScalar>(a, b);

    /// <summary>a · b, a times each number.</summary>
    public static Tensor operator *(double a, Tensor b) => WithScalar<MultiplyScalar>(b, a);

    /// <summary>a / b, number by number, with broadcasting; as IEEE 754 has it where b is 0.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator /(Tensor a, Tensor b) => Op.Apply(new BinaryOp<Divide>(), a, b);

    /// <summary>a / b, each number divided by b.</summary>
    public static Tensor operator /(Tensor a, double b) => WithScalar<DivideScalar>(a, b);

    /// <summary>a / b, a divided by each number.</summary>
    public static Tensor operator /(double a, Tensor b) => WithScalar<DivideInto>(b, a);

    /// <summary>Each number to a power.</summary>
    /// <param name="exponent">The power; with 2 and 3 the result is a product.</param>
    /// <returns>This shape; NaN for a negative number to a power that is not whole.</returns>
    /// <remarks>Gradient: dy · exponent · x^(exponent − 1).</remarks>
    public Tensor Pow(double exponent) => WithScalar<PowScalar>(this, exponent);

    /// <summary>Each number to a power of its own, with broadcasting.</summary>
    /// <param name="exponent">The powers.</param>
    /// <returns>The broadcast shape; NaN for a negative number to a power that is not whole.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>Gradients: dy·b·aᵇ⁻¹, and dy·aᵇ·ln a, which is 0 where a is 0 and b is not negative.</remarks>
    public Tensor Pow(Tensor exponent) => Op.Apply(new BinaryOp<Power>(), this, exponent);

    /// <summary>The lesser of two, number by number, with broadcasting; NaN where either is.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>The gradient goes to the lesser, by half to each at a tie.</remarks>
    public static Tensor Minimum(Tensor a, Tensor b) => Op.Apply(new BinaryOp<Minimum>(), a, b);

    /// <summary>The greater of two, number by number, with broadcasting; NaN where either is.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>The gradient goes to the greater, by half to each at a tie.</remarks>
    public static Tensor Maximum(Tensor a, Tensor b) => Op.Apply(new BinaryOp<Maximum>(), a, b);

    // The number travels with the kernel: no tensor is made for it.
    private static Tensor WithScalar<F>(Tensor x, double a) where F : struct, IUnaryFunction
        => Op.Apply(new UnaryOp<F>(a, attributes: a.ToString(CultureInfo.InvariantCulture)), x);
}
