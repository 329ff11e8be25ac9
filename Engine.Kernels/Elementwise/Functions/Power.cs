using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>y = aᵇ, with the special values of IEEE 754's pow. ∂y/∂a = b·aᵇ⁻¹, 0 where b is 0; ∂y/∂b = aᵇ ln a, 0 where a is 0 and b is not negative.</summary>
/// <remarks>On a GPU the relative error grows as |b ln a|·10⁻⁷.</remarks>
internal readonly struct Power : IBinaryFunction
{
    /// <inheritdoc/>
    public static string Name => "Power";
    /// <inheritdoc/>
    public static double Forward(double a, double b) => Math.Pow(a, b);
    /// <inheritdoc/>
    public static double DerivativeA(double a, double b) => b == 0 ? 0 : b * Math.Pow(a, b - 1);
    /// <inheritdoc/>
    public static double DerivativeB(double a, double b) => a == 0 && b >= 0 ? 0 : Math.Pow(a, b) * Math.Log(a);
    /// <inheritdoc/>
    public static float Forward(float a, float b) => FloatMath.Pow(a, b);
    /// <inheritdoc/>
    public static float DerivativeA(float a, float b) => b == 0f ? 0f : b * FloatMath.Pow(a, b - 1f);
    /// <inheritdoc/>
    public static float DerivativeB(float a, float b) => a == 0f && !float.IsNaN(b) && b >= 0f ? 0f : FloatMath.Pow(a, b) * FloatMath.Log(a);
    /// <inheritdoc/>
    public static Vector512<float> Forward(Vector512<float> a, Vector512<float> b) => VectorMath.Pow(a, b);
    /// <inheritdoc/>
    public static Vector512<float> DerivativeA(Vector512<float> a, Vector512<float> b)
        => Vector512.ConditionalSelect(Vector512.Equals(b, Vector512<float>.Zero), Vector512<float>.Zero, b * VectorMath.Pow(a, b - Vector512<float>.One));
    /// <inheritdoc/>
    public static Vector512<float> DerivativeB(Vector512<float> a, Vector512<float> b)
        => Vector512.ConditionalSelect(Vector512.Equals(a, Vector512<float>.Zero) & Vector512.GreaterThanOrEqual(b, Vector512<float>.Zero), Vector512<float>.Zero, VectorMath.Pow(a, b) * VectorMath.Log(a));
}
