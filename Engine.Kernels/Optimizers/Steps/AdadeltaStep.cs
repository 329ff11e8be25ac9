using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₂ a + (1 − β₂) d²; u = d · √(b + ε) / √(a + ε); b ← β₂ b + (1 − β₂) u²; w ← w − rate · u.</summary>
/// <remarks>Source: Zeiler 2012, arXiv:1212.5701, algorithm 1.</remarks>
public readonly struct AdadeltaStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "AdadeltaStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        var u = d * Math.Sqrt(b + s.Epsilon) / Math.Sqrt(a + s.Epsilon);
        b = s.Beta2 * b + s.Rest2 * (u * u);
        w -= s.Rate * u;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        var u = d * MathF.Sqrt(b + s.Epsilon) / MathF.Sqrt(a + s.Epsilon);
        b = s.Beta2 * b + s.Rest2 * (u * u);
        w -= s.Rate * u;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        var u = d * Vector512.Sqrt(b + Vector512.Create(s.Epsilon)) / Vector512.Sqrt(a + Vector512.Create(s.Epsilon));
        b = s.Beta2 * b + s.Rest2 * (u * u);
        w -= s.Rate * u;
    }
}
