using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x·tanh(ln(1 + eˣ)). NaN at −∞, where it is ∞·0.</summary>
/// <remarks>Source: Misra 2019, arXiv:1908.08681.</remarks>
internal readonly struct Mish : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Mish";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x * Math.Tanh(DoubleMath.Softplus(x));
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => Slope(x, Math.Tanh(DoubleMath.Softplus(x)));
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x * FloatMath.TanhSoftplus(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => Slope(x, FloatMath.TanhSoftplus(x));
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x * VectorMath.TanhSoftplus(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Slope(x, VectorMath.TanhSoftplus(x));

    // t + x (1 − t²) σ(x), t = tanh(ln(1 + eˣ))
    private static double Slope(double x, double t) => t + x * (1 - t * t) * Sigmoid.Forward(x, 0, 0);

    private static float Slope(float x, float t) => t + x * (1f - t * t) * FloatMath.Sigmoid(x);

    private static Vector512<float> Slope(Vector512<float> x, Vector512<float> t) => t + x * (Vector512<float>.One - t * t) * VectorMath.Sigmoid(x);
}
