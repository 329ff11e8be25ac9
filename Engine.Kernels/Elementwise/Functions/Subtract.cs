using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = a − b.</summary>
internal readonly struct Subtract : IBinaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Subtract";
    /// <inheritdoc/>
    public static double Forward(double a, double b) => a - b;
    /// <inheritdoc/>
    public static double DerivativeA(double a, double b) => 1;
    /// <inheritdoc/>
    public static double DerivativeB(double a, double b) => -1;
    /// <inheritdoc/>
    public static float Forward(float a, float b) => a - b;
    /// <inheritdoc/>
    public static float DerivativeA(float a, float b) => 1f;
    /// <inheritdoc/>
    public static float DerivativeB(float a, float b) => -1f;
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> a, Vector512<float> b) => a - b;
    /// <inheritdoc/>
    public static Vector512<float> DerivativeA(Vector512<float> a, Vector512<float> b) => Vector512<float>.One;
    /// <inheritdoc/>
    public static Vector512<float> DerivativeB(Vector512<float> a, Vector512<float> b) => -Vector512<float>.One;
}
