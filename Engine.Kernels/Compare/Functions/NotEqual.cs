using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>a ≠ b; a NaN differs from everything.</summary>
internal readonly struct NotEqual : ICompareFunction
{
    /// <inheritdoc/>
    public static string Name => "NotEqual";
    /// <inheritdoc/>
    public static bool Holds(double a, double b) => a != b;
    /// <inheritdoc/>
    public static int Holds(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? 1 : a != b ? 1 : 0;
    /// <inheritdoc/>
    public static Vector512<float> Holds(Vector512<float> a, Vector512<float> b) => ~Vector512.Equals(a, b);
}
