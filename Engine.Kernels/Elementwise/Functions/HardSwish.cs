using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x·(x + 3)/6, the factor after x held within [0, 1]. The derivative is 0 up to −3, 1 from 3 on. NaN at −∞, where y is ∞·0.</summary>
/// <remarks>Source: Howard et al. 2019, arXiv:1905.02244.</remarks>
internal readonly struct HardSwish : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "HardSwish";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x * HardSigmoid.Forward(x, 0, 0);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x * HardSigmoid.Forward(x, 0f, 0f);
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? x : x <= -3f ? 0f : x >= 3f ? 1f : x / 3f + 0.5f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x * HardSigmoid.Forward(x, 0, 0);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512.Create(3f)), Vector512<float>.One, Vector512.AndNot(x / 3f + Vector512.Create(0.5f), Vector512.LessThanOrEqual(x, Vector512.Create(-3f))));
}
