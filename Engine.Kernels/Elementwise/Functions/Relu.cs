using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = max(x, 0), the rectified linear unit; NaN stays NaN.</summary>
internal readonly struct Relu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Relu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => false;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? x : double.IsNaN(x) ? x : 0;
    /// <inheritdoc/>
    public static double Derivative(double y, double a, double b) => y > 0 ? 1 : 0;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x > 0f ? x : float.IsNaN(x) ? x : 0f;
    /// <inheritdoc/>
    public static float Derivative(float y, float a, float b) => y > 0f ? 1f : 0f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512.Max(x, Vector512<float>.Zero);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> y, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(y, Vector512<float>.Zero), Vector512<float>.One, Vector512<float>.Zero);
}
