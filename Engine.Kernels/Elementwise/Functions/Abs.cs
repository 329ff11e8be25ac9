using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = |x|; the derivative at 0 is 0.</summary>
internal readonly struct Abs : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Abs";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Abs(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > 0 ? 1 : x < 0 ? -1 : x;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => MathF.Abs(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? x : x > 0f ? 1f : x < 0f ? -1f : x;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512.Abs(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), -Vector512<float>.One, x));
}
