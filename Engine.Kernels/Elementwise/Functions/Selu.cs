using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = λ·x above 0, λ·α·(eˣ − 1) elsewhere, with the λ and α that keep mean 0 and variance 1; the derivative at 0 is λ·α.</summary>
/// <remarks>Source: Klambauer, Unterthiner, Mayr and Hochreiter 2017, arXiv:1706.02515.</remarks>
internal readonly struct Selu : IUnaryFunction
{
    private const double Alpha = 1.6732632423543772, Scale = 1.0507009873554805;

    /// <inheritdoc/>
    public static string Name => "Selu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? Scale * x : Scale * Alpha * DoubleMath.Expm1(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > 0 ? Scale : Scale * Alpha * Math.Exp(x);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x > 0f ? (float)Scale * x : (float)(Scale * Alpha) * FloatMath.Expm1(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b)
        => float.IsNaN(x) ? x : x > 0f ? (float)Scale : (float)(Scale * Alpha) * FloatMath.Exp(x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x * (float)Scale, VectorMath.Expm1(x) * (float)(Scale * Alpha));
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512.Create((float)Scale), VectorMath.Exp(x) * (float)(Scale * Alpha));
}
