using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = −x.</summary>
internal readonly struct Negate : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Negate";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static bool IsLinear => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => -x;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => -1;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => -x;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => -1f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => -x;
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => -Vector512<float>.One;
}
