using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x·σ(x), σ(x) = 1/(1 + e⁻ˣ); also called swish. NaN at −∞, where it is ∞·0.</summary>
/// <remarks>Source: Elfwing, Uchibe and Doya 2017, arXiv:1702.03118.</remarks>
internal readonly struct Silu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Silu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x * Sigmoid.Forward(x, 0, 0);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => Sigmoid.Forward(x, 0, 0) * (1 + x * (1 - Sigmoid.Forward(x, 0, 0)));
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x * FloatMath.Sigmoid(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => FloatMath.Sigmoid(x) * (1f + x * (1f - FloatMath.Sigmoid(x)));
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x * VectorMath.Sigmoid(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
    {
        var s = VectorMath.Sigmoid(x);
        return s * (Vector512<float>.One + x * (Vector512<float>.One - s));
    }
}
