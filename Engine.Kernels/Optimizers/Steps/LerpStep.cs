using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>w ← w + rate · (g − w): a moving average.</summary>
public readonly struct LerpStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "LerpStep";

    /// <inheritdoc/>
    public static int States => 0;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
        => w += s.Rate * (g - w);

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
        => w += s.Rate * (g - w);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
        => w += s.Rate * (g - w);
}
