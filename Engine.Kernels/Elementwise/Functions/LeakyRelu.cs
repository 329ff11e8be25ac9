using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = x above 0, a·x elsewhere.</summary>
/// <remarks>Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".</remarks>
internal readonly struct LeakyRelu : IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "LeakyRelu";
    /// <inheritdoc/>
    public static bool DerivativeUsesInput => true;
    /// <inheritdoc/>
    public static double Forward(double x, double a, double b) => x > 0 ? x : a * x;
    /// <inheritdoc/>
    public static double Derivative(double x, double a, double b) => x > 0 ? 1 : a;
    /// <inheritdoc/>
    public static float Forward(float x, float a, float b) => x > 0f ? x : a * x;
    /// <inheritdoc/>
    public static float Derivative(float x, float a, float b) => float.IsNaN(x) ? a : x > 0f ? 1f : a;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, x * a);
    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> x, float a, float b)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, Vector512.Create(a));
}
