using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = 1 above 0, −1 below, 0 at 0 and of a NaN. The derivative is 0 everywhere.</summary>
internal readonly struct Sign : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Sign";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static bool IsLinear => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? 1 : x < 0 ? -1 : 0;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 0;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => float.IsNaN(x) ? 0f : x > 0f ? 1f : x < 0f ? -1f : 0f;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => 0f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => (Vector512.GreaterThan(x, Vector512<float>.Zero) & Vector512<float>.One) - (Vector512.LessThan(x, Vector512<float>.Zero) & Vector512<float>.One);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Vector512<float>.Zero;
}
