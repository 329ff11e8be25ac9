using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = the lesser of a and b; NaN where either is. −0 is less than +0. The derivative goes to the lesser, to both by half at a tie, to none at a NaN.</summary>
internal readonly struct Minimum : IBinaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Minimum";
    /// <inheritdoc/>
    public static double Forward(double a, double b) => Math.Min(a, b);
    /// <inheritdoc/>
    public static double DerivativeA(double a, double b) => a < b ? 1 : a == b ? 0.5 : 0;
    /// <inheritdoc/>
    public static double DerivativeB(double a, double b) => b < a ? 1 : a == b ? 0.5 : 0;
    /// <inheritdoc/>
    public static float Forward(float a, float b) => float.IsNaN(a) ? a : float.IsNaN(b) ? b : a < b ? a : a > b ? b : a == 0f ? -(-a - b) : a;
    /// <inheritdoc/>
    public static float DerivativeA(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? 0f : a < b ? 1f : a > b ? 0f : 0.5f;
    /// <inheritdoc/>
    public static float DerivativeB(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? 0f : b < a ? 1f : b > a ? 0f : 0.5f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> a, Vector512<float> b) => Vector512.Min(a, b);
    /// <inheritdoc/>
    public static Vector512<float> DerivativeA(Vector512<float> a, Vector512<float> b)
        => (Vector512.LessThan(a, b) & Vector512<float>.One) + (Vector512.Equals(a, b) & Vector512.Create(0.5f));
    /// <inheritdoc/>
    public static Vector512<float> DerivativeB(Vector512<float> a, Vector512<float> b)
        => (Vector512.LessThan(b, a) & Vector512<float>.One) + (Vector512.Equals(a, b) & Vector512.Create(0.5f));
}
