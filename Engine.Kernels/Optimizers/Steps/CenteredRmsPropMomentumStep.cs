using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₂ a + (1 − β₂) d²; b ← b + (1 − β₂)(d − b); c ← β₁ c + d / (√max(a − b², 0) + ε); w ← w − rate · c.</summary>
/// <remarks>Source: Graves 2013, arXiv:1308.0850, section 4.3, in the form that PyTorch has.</remarks>
public readonly struct CenteredRmsPropMomentumStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "CenteredRmsPropMomentumStep";

    /// <inheritdoc/>
    public static int States => 3;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        c = s.Beta1 * c + d / (Math.Sqrt(Math.Max(a - b * b, 0)) + s.Epsilon);
        w -= s.Rate * c;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        c = s.Beta1 * c + d / (MathF.Sqrt(MathF.Max(a - b * b, 0f)) + s.Epsilon);
        w -= s.Rate * c;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        c = s.Beta1 * c + d / (Vector512.Sqrt(Vector512.Max(a - b * b, Vector512<float>.Zero)) + Vector512.Create(s.Epsilon));
        w -= s.Rate * c;
    }
}
