using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = the least whole number that is not below x. The derivative is 0 everywhere.</summary>
internal readonly struct Ceil : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Ceil";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static bool IsLinear => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Ceiling(x);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => 0;
    // ⌈x⌉ = −⌊−x⌋: on CUDA ILGPU's ceiling of −0.5 is 0, not −0.
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => -MathF.Floor(-x);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => 0f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Vector512.Ceiling(x);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b) => Vector512<float>.Zero;
}
