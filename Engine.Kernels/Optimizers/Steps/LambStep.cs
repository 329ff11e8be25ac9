using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>a ← β₁ a + (1 − β₁) g; b ← β₂ b + (1 − β₂) g²; c ← rate · a / (√b · correction + ε) + decay · w: where LAMB will go. How far depends on the
/// norms of w and c, so w is left as it is. At step t the rate is 1/(1 − β₁ᵗ) and the correction 1/√(1 − β₂ᵗ).</summary>
/// <remarks>Source: You, Li, Reddi and others 2020, arXiv:1904.00962, algorithm 2.</remarks>
public readonly struct LambStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "LambStep";

    /// <inheritdoc/>
    public static int States => 3;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        a = s.Beta1 * a + s.Rest1 * g;
        b = s.Beta2 * b + s.Rest2 * (g * g);
        c = s.Rate * a / (Math.Sqrt(b) * s.Correction + s.Epsilon) + s.Decay * w;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        a = s.Beta1 * a + s.Rest1 * g;
        b = s.Beta2 * b + s.Rest2 * (g * g);
        c = s.Rate * a / (MathF.Sqrt(b) * s.Correction + s.Epsilon) + s.Decay * w;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        a = s.Beta1 * a + s.Rest1 * g;
        b = s.Beta2 * b + s.Rest2 * (g * g);
        c = s.Rate * a / (Vector512.Sqrt(b) * s.Correction + Vector512.Create(s.Epsilon)) + s.Decay * w;
    }
}
