using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = ½x(1 + tanh z) with z = √(2/π)(x + 0.044715x³), the approximation of <see cref="Gelu"/> that GPT-2 was trained with. Computed as x·σ(2z),
/// which is the same and keeps its digits far below 0. NaN at −∞, where it is ∞·0.</summary>
/// <remarks>Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.</remarks>
internal readonly struct GeluTanh : IUnaryFunction
{
    /// <summary>2√(2/π), and that times 0.044715.</summary>
    private const double Linear = 1.5957691216057308, Cubic = 0.044715 * Linear;

    /// <summary>Where x² is larger, s(1 − s) is 0 and its factor must not be ∞.</summary>
    private const float Large = 1e20f;

    /// <inheritdoc/>
    public static string Name => "GeluTanh";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x * Sigmoid.Forward(x * (Linear + Cubic * x * x), 0, 0);
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b)
    {
        double s = Sigmoid.Forward(x * (Linear + Cubic * x * x), 0, 0);
        return s + x * s * (1 - s) * (Linear + 3 * Cubic * x * x);
    }
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x * FloatMath.Sigmoid(x * ((float)Linear + (float)Cubic * x * x));
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b)
    {
        float s = FloatMath.Sigmoid(x * ((float)Linear + (float)Cubic * x * x));
        float x2 = x * x > Large ? Large : x * x;
        return s + x * s * (1f - s) * ((float)Linear + 3f * (float)Cubic * x2);
    }
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b) => x * VectorMath.Sigmoid(x * (Vector512.Create((float)Linear) + x * x * (float)Cubic));
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
    {
        var x2 = Vector512.Min(x * x, Vector512.Create(Large));
        var s = VectorMath.Sigmoid(x * (Vector512.Create((float)Linear) + x2 * (float)Cubic));
        return s + x * s * (Vector512<float>.One - s) * (Vector512.Create((float)Linear) + x2 * (3 * (float)Cubic));
    }
}
