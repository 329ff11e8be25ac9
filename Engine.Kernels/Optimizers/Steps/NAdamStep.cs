using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + (1 − β₁) d; b ← β₂ b + (1 − β₂) d²; w ← w − shrink · w − (rate · a + ahead · d) / (√b · correction + ε): Adam
/// that looks ahead along its momentum, by rates that the host works out.</summary>
/// <remarks>Source: Dozat 2016, "Incorporating Nesterov momentum into Adam".</remarks>
public readonly struct NAdamStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "NAdamStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + (s.Rate * a + s.Ahead * d) / (Math.Sqrt(b) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + (s.Rate * a + s.Ahead * d) / (MathF.Sqrt(b) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + (s.Rate * a + s.Ahead * d) / (Vector512.Sqrt(b) * s.Correction + Vector512.Create(s.Epsilon));
    }
}
