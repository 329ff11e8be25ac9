using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₂ a + (1 − β₂) d²; b ← b + (1 − β₂)(d − b); w ← w − rate · d / (√max(a − b², 0) + ε).</summary>
/// <remarks>Source: Graves 2013, arXiv:1308.0850, section 4.3; epsilon outside the root, as PyTorch has it.</remarks>
public readonly struct CenteredRmsPropStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "CenteredRmsPropStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        w -= s.Rate * d / (Math.Sqrt(Math.Max(a - b * b, 0)) + s.Epsilon);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        w -= s.Rate * d / (MathF.Sqrt(MathF.Max(a - b * b, 0f)) + s.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b += s.Rest2 * (d - b);
        w -= s.Rate * d / (Vector512.Sqrt(Vector512.Max(a - b * b, Vector512<float>.Zero)) + Vector512.Create(s.Epsilon));
    }
}
