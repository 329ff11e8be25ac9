using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>w ← w − rate · (g + decay · w): gradient descent.</summary>
public readonly struct SgdStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "SgdStep";

    /// <inheritdoc/>
    public static int States => 0;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
        => w -= s.Rate * (g + s.Decay * w);

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
        => w -= s.Rate * (g + s.Decay * w);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
        => w -= s.Rate * (g + s.Decay * w);
}
