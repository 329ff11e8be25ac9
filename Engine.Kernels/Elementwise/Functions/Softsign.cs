using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x/(1 + |x|). NaN at ±∞, where it is ∞/∞.</summary>
internal readonly struct Softsign : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Softsign";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x / (1 + Math.Abs(x));
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 1 / ((1 + Math.Abs(x)) * (1 + Math.Abs(x)));
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x / (1f + MathF.Abs(x));
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => 1f / ((1f + MathF.Abs(x)) * (1f + MathF.Abs(x)));
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x / (Vector512<float>.One + Vector512.Abs(x));
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512<float>.One / ((Vector512<float>.One + Vector512.Abs(x)) * (Vector512<float>.One + Vector512.Abs(x)));
}
