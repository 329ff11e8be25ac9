using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = 1/(1 + e⁻ˣ).</summary>
internal readonly struct Sigmoid : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Sigmoid";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => false;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => 1 / (1 + Math.Exp(-x));
    /// <inheritdoc/>
    public static double Derivative(double y, double a, double b) => y * (1 - y);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Sigmoid(x);
    /// <inheritdoc/>
    public static float Derivative(float y, float a, float b) => y * (1f - y);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Sigmoid(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> y, float a, float b) => y * (Vector512<float>.One - y);
}
