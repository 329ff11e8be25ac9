using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = the greatest whole number that is not above x. The derivative is 0 everywhere.</summary>
internal readonly struct Floor : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Floor";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static bool IsLinear => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Floor(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 0;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => MathF.Floor(x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => 0f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512.Floor(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Vector512<float>.Zero;
}
