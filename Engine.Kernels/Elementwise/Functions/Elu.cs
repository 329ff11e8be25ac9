using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x above 0, a·(eˣ − 1) elsewhere, the exponential linear unit; the derivative at 0 is a.</summary>
/// <remarks>Source: Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.</remarks>
internal readonly struct Elu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Elu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? x : a * DoubleMath.Expm1(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > 0 ? 1 : a * Math.Exp(x);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x > 0f ? x : a * FloatMath.Expm1(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? x : x > 0f ? 1f : a * FloatMath.Exp(x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, VectorMath.Expm1(x) * a);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, VectorMath.Exp(x) * a);
}
