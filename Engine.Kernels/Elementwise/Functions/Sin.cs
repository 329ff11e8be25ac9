using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = sin x, x in radians; NaN at ±∞.</summary>
internal readonly struct Sin : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Sin";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Sin(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => Math.Cos(x);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Sin(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => FloatMath.Cos(x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512.Sin(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Vector512.Cos(x);
}
