using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + (1 − β₁) d; b ← max(β₂ b, |d| + ε); w ← w − rate · a / b, where at step t the rate is the learning rate
/// over 1 − β₁ᵗ.</summary>
/// <remarks>Source: Kingma and Ba 2015, arXiv:1412.6980, algorithm 2; ε within the maximum, as PyTorch has it.</remarks>
public readonly struct AdamaxStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "AdamaxStep";

    /// <inheritdoc/>
    public static int States => 2;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = Math.Max(s.Beta2 * b, Math.Abs(d) + s.Epsilon);
        w -= s.Rate * a / b;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = MathF.Max(s.Beta2 * b, MathF.Abs(d) + s.Epsilon);
        w -= s.Rate * a / b;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + s.Rest1 * d;
        b = Vector512.Max(s.Beta2 * b, Vector512.Abs(d) + Vector512.Create(s.Epsilon));
        w -= s.Rate * a / b;
    }
}
