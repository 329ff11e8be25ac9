using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x held within [a, b]; NaN stays NaN. The derivative is 1 within, the ends included, else 0.</summary>
internal readonly struct Clamp : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Clamp";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x < a ? a : x > b ? b : x;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x >= a && x <= b ? 1 : 0;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => float.IsNaN(x) ? x : x < a ? a : x > b ? b : x;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? 0f : x < a ? 0f : x > b ? 0f : 1f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(a)), Vector512.Create(a), Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(b)), Vector512.Create(b), x));
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.GreaterThanOrEqual(x, Vector512.Create(a)) & Vector512.LessThanOrEqual(x, Vector512.Create(b)) & Vector512<float>.One;
}
