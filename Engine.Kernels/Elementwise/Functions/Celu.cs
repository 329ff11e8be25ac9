using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x above 0, a·(e^(x/a) − 1) elsewhere: an exponential linear unit of slope 1 at 0 for any a but 0.</summary>
/// <remarks>Source: Barron 2017, arXiv:1704.07483.</remarks>
internal readonly struct Celu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Celu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? x : a * DoubleMath.Expm1(x / a);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > 0 ? 1 : Math.Exp(x / a);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x > 0f ? x : a * FloatMath.Expm1(x / a);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? x : x > 0f ? 1f : FloatMath.Exp(x / a);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, VectorMath.Expm1(x / a) * a);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, VectorMath.Exp(x / a));
}
