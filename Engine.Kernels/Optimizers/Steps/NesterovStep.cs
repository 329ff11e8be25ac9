using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>d = g + decay · w; a ← β₁ a + d; w ← w − rate · (d + β₁ a): gradient descent with Nesterov's momentum.</summary>
/// <remarks>Source: Sutskever, Martens, Dahl and Hinton 2013, with the rate outside the velocity, as PyTorch has it.</remarks>
public readonly struct NesterovStep : IStep
{
    /// <inheritdoc/>
    public static string Name => "NesterovStep";

    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + d;
        w -= s.Rate * (d + s.Beta1 * a);
    }

    /// <inheritdoc/>
    public static void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + d;
        w -= s.Rate * (d + s.Beta1 * a);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s)
    {
        var d = g + s.Decay * w;
        a = s.Beta1 * a + d;
        w -= s.Rate * (d + s.Beta1 * a);
    }
}
