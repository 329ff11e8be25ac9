using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + (1 − β₁) d; b ← β₂ b + (1 − β₂) d²; c ← max(c, b); w ← w − shrink · w − rate · a / (√c · correction + ε),
/// with the rate and the correction of <see cref="AdamStep"/>.</summary>
/// <remarks>Source: Reddi, Kale and Kumar 2018, arXiv:1904.09237, with Adam's corrections, as PyTorch has it.</remarks>
public readonly struct AmsGradStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "AmsGradStep";

    /// <inheritdoc/>
    public static int States => 3;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        c = Math.Max(c, b);
        w -= s.Shrink * w + s.Rate * a / (Math.Sqrt(c) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        c = MathF.Max(c, b);
        w -= s.Shrink * w + s.Rate * a / (MathF.Sqrt(c) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        c = Vector512.Max(c, b);
        w -= s.Shrink * w + s.Rate * a / (Vector512.Sqrt(c) * s.Correction + Vector512.Create(s.Epsilon));
    }
}
