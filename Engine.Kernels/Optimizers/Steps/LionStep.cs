using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = β₁ a + (1 − β₁) g; a ← β₂ a + (1 − β₂) g; w ← w − shrink · w − rate · sign(d).</summary>
/// <remarks>Source: Chen, Liang, Huang and others 2023, arXiv:2302.06675, algorithm 2.</remarks>
public readonly struct LionStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "LionStep";

    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = s.Beta1 * a + s.Rest1 * g;
        a = s.Beta2 * a + s.Rest2 * g;
        w -= s.Shrink * w + s.Rate * ((d > 0 ? 1.0 : 0.0) - (d < 0 ? 1.0 : 0.0));
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = s.Beta1 * a + s.Rest1 * g;
        a = s.Beta2 * a + s.Rest2 * g;
        w -= s.Shrink * w + s.Rate * ((d > 0f ? 1f : 0f) - (d < 0f ? 1f : 0f));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = s.Beta1 * a + s.Rest1 * g;
        a = s.Beta2 * a + s.Rest2 * g;
        w -= s.Shrink * w + s.Rate * ((Vector512.GreaterThan(d, Vector512<float>.Zero) & Vector512<float>.One) - (Vector512.LessThan(d, Vector512<float>.Zero) & Vector512<float>.One));
    }
}
