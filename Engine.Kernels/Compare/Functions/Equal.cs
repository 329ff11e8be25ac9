using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>a = b; false where either is NaN.</summary>
internal readonly struct Equal : ICompareFunction
{
    /// <inheritdoc/>
    public static string Name => "Equal";
    /// <inheritdoc/>
    public static bool Holds(double a, double b) => a == b;
    /// <inheritdoc/>
    public static int Holds(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? 0 : a == b ? 1 : 0;
    /// <inheritdoc/>
    public static Vector512<float> Holds(Vector512<float> a, Vector512<float> b) => Vector512.Equals(a, b);
}
