using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₂ a + (1 − β₂) d²; b ← β₁ b + d / (√a + ε); w ← w − rate · b.</summary>
/// <remarks>Source: as <see cref="RmsPropStep"/>, with the momentum that PyTorch adds.</remarks>
public readonly struct RmsPropMomentumStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "RmsPropMomentumStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b = s.Beta1 * b + d / (Math.Sqrt(a) + s.Epsilon);
        w -= s.Rate * b;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b = s.Beta1 * b + d / (MathF.Sqrt(a) + s.Epsilon);
        w -= s.Rate * b;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta2 * a + s.Rest2 * (d * d);
        b = s.Beta1 * b + d / (Vector512.Sqrt(a) + Vector512.Create(s.Epsilon));
        w -= s.Rate * b;
    }
}
