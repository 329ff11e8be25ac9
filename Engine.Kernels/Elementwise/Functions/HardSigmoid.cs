using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = (x + 3)/6 held within [0, 1]; NaN stays NaN. The derivative is 1/6 for x within (−3, 3), else 0.</summary>
/// <remarks>Source: Howard et al. 2019, arXiv:1905.02244.</remarks>
internal readonly struct HardSigmoid : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "HardSigmoid";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => Math.Min(Math.Max(x + 3, 0), 6) / 6;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > -3 && x < 3 ? 1.0 / 6 : 0;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => float.IsNaN(x) ? x : x < -3f ? 0f : x > 3f ? 1f : (x + 3f) / 6f;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? 0f : x <= -3f ? 0f : x >= 3f ? 0f : 1f / 6f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.Min(Vector512.Max(x + Vector512.Create(3f), Vector512<float>.Zero), Vector512.Create(6f)) / 6f;
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.LessThan(Vector512.Abs(x), Vector512.Create(3f)) & Vector512.Create(1f / 6f);
}
