using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + d; w ← w − rate · a: gradient descent with momentum.</summary>
/// <remarks>Source: Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in deep learning", with the rate outside
/// the velocity, as PyTorch has it.</remarks>
public readonly struct MomentumStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "MomentumStep";

    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        a = s.Beta1 * a + (g + s.Decay * w);
        w -= s.Rate * a;
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        a = s.Beta1 * a + (g + s.Decay * w);
        w -= s.Rate * a;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        a = s.Beta1 * a + (g + s.Decay * w);
        w -= s.Rate * a;
    }
}
