using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = 1/√x: ∞ at 0, NaN below.</summary>
internal readonly struct Rsqrt : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Rsqrt";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => false;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => 1 / Math.Sqrt(x);
    /// <inheritdoc/>
    public static double Derivative(double y, double a, double b) => -0.5 * y * y * y;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => 1f / MathF.Sqrt(x);
    /// <inheritdoc/>
    public static float Derivative(float y, float a, float b) => -0.5f * y * y * y;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512<float>.One / Vector512.Sqrt(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> y, float a, float b) => Vector512.Create(-0.5f) * y * y * y;
}
