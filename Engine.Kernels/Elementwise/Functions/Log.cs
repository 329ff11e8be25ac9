using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = ln x: −∞ at 0, NaN below.</summary>
internal readonly struct Log : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Log";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Log(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 1 / x;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Log(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => 1f / x;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Log(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Vector512<float>.One / x;
}
