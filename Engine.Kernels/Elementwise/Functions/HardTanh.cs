using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x held within [a, b]; NaN stays NaN. Unlike <see cref="Clamp"/>'s, the derivative is 0 at the ends too.</summary>
internal readonly struct HardTanh : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "HardTanh";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Clamp.Forward(x, a, b);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x <= a || x >= b ? 0 : 1;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => Clamp.Forward(x, a, b);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? 1f : x <= a ? 0f : x >= b ? 0f : 1f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => Clamp.Forward(x, a, b);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.AndNot(Vector512<float>.One, Vector512.LessThanOrEqual(x, Vector512.Create(a)) | Vector512.GreaterThanOrEqual(x, Vector512.Create(b)));
}
