using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x·Φ(x), Φ the normal distribution function: the exact form, not the tanh approximation. NaN at −∞, where it is ∞·0.</summary>
/// <remarks>Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.</remarks>
internal readonly struct Gelu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Gelu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x * DoubleMath.NormalCdf(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => DoubleMath.NormalCdf(x) + x * DoubleMath.NormalPdf(x);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x * FloatMath.NormalCdf(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => FloatMath.NormalCdf(x) + x * FloatMath.NormalPdf(x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x * VectorMath.NormalCdf(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => VectorMath.GeluDerivative(x);
}
