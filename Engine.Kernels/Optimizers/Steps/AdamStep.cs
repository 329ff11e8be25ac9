using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + (1 − β₁) d; b ← β₂ b + (1 − β₂) d²; w ← w − shrink · w − rate · a / (√b · correction + ε), where at
/// step t the rate is the learning rate over 1 − β₁ᵗ and the correction 1/√(1 − β₂ᵗ).</summary>
/// <remarks>Source: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; the shrinking of Loshchilov and Hutter 2019, arXiv:1711.05101.</remarks>
public readonly struct AdamStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "AdamStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + s.Rate * a / (Math.Sqrt(b) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + s.Rate * a / (MathF.Sqrt(b) * s.Correction + s.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = s.Beta2 * b + s.Rest2 * (d * d);
        w -= s.Shrink * w + s.Rate * a / (Vector512.Sqrt(b) * s.Correction + Vector512.Create(s.Epsilon));
    }
}
