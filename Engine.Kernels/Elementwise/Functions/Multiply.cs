using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = a · b.</summary>
internal readonly struct Multiply : IBinaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Multiply";
    /// <inheritdoc/>
    public static double Forward(double a, double b) => a * b;
    /// <inheritdoc/>
    public static double DerivativeA(double a, double b) => b;
    /// <inheritdoc/>
    public static double DerivativeB(double a, double b) => a;
    /// <inheritdoc/>
    public static float Forward(float a, float b) => a * b;
    /// <inheritdoc/>
    public static float DerivativeA(float a, float b) => b;
    /// <inheritdoc/>
    public static float DerivativeB(float a, float b) => a;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> a, Vector512<float> b) => a * b;
    /// <inheritdoc/>
    public static Vector512<float> DerivativeA(Vector512<float> a, Vector512<float> b) => b;
    /// <inheritdoc/>
    public static Vector512<float> DerivativeB(Vector512<float> a, Vector512<float> b) => a;
}
