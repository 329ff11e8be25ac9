using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = eˣ.</summary>
internal readonly struct Exp : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Exp";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => false;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Exp(x);
    /// <inheritdoc/>
    public static double Derivative(double y, double a, double b) => y;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => FloatMath.Exp(x);
    /// <inheritdoc/>
    public static float Derivative(float y, float a, float b) => y;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => VectorMath.Exp(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> y, float a, float b) => y;
}
