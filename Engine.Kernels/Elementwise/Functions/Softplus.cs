using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = ln(1 + e^(a·x)) / a, and x itself where a·x is above b.</summary>
/// <remarks>Source: Dugas, Bengio, Bélisle, Nadeau and Garcia 2000.</remarks>
internal readonly struct Softplus : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Softplus";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => a * x > b ? x : DoubleMath.Softplus(a * x) / a;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => a * x > b ? 1 : Sigmoid.Forward(a * x, 0, 0);
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => a * x > b ? x : FloatMath.Softplus(a * x) / a;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? x : a * x > b ? 1f : FloatMath.Sigmoid(a * x);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x * a, Vector512.Create(b)), x, VectorMath.Softplus(x * a) / a);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x * a, Vector512.Create(b)), Vector512<float>.One, VectorMath.Sigmoid(x * a));
}
