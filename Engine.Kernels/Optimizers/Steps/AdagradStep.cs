using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← a + d²; w ← w − rate · d / (√a + ε).</summary>
/// <remarks>Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization".</remarks>
public readonly struct AdagradStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "AdagradStep";

    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a += d * d;
        w -= s.Rate * d / (Math.Sqrt(a) + s.Epsilon);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a += d * d;
        w -= s.Rate * d / (MathF.Sqrt(a) + s.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a += d * d;
        w -= s.Rate * d / (Vector512.Sqrt(a) + Vector512.Create(s.Epsilon));
    }
}
