using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = xᵃ, with the special values of IEEE 754's pow.</summary>
/// <remarks>On a GPU the relative error grows as |a ln x|·10⁻⁷; a = 1, 2 and 3 are products there and on the CPU.</remarks>
internal readonly struct PowScalar : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "PowScalar";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Pow(x, a);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => a == 0 ? 0 : a * Math.Pow(x, a - 1);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Pow(x, a);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => a == 0f ? 0f : a * FloatMath.Pow(x, a - 1f);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Pow(x, a);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => a == 0 ? Vector512<float>.Zero : a * VectorMath.Pow(x, a - 1);
}
