using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = tanh x.</summary>
internal readonly struct Tanh : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Tanh";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => false;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Tanh(x);
    /// <inheritdoc/>
    public static double Derivative(double y, double a, double b) => 1 - y * y;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Tanh(x);
    /// <inheritdoc/>
    public static float Derivative(float y, float a, float b) => 1f - y * y;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Tanh(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> y, float a, float b) => Vector512<float>.One - y * y;
}
