using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>The constants of a step. Complements are given too: 1 − 0.999 taken in float would be off by 5e-5.</summary>
/// <param name="Rate">What the step is multiplied with: the learning rate, corrected if need be.</param>
/// <param name="Decay">Weight decay: this much of w is added to its gradient.</param>
/// <param name="Beta1">What stays of the first average; the momentum.</param>
/// <param name="Rest1">1 − Beta1.</param>
/// <param name="Beta2">What stays of the average of squares.</param>
/// <param name="Rest2">1 − Beta2.</param>
/// <param name="Epsilon">Added to the divisor.</param>
/// <param name="Correction">What the root of the average of squares is multiplied with.</param>
/// <param name="Shrink">Decoupled weight decay: this much of w is taken off it.</param>
/// <param name="Ahead">What the gradient itself is multiplied with, where a step looks ahead.</param>
public readonly record struct StepSettings<T>(T Rate, T Decay, T Beta1, T Rest1, T Beta2, T Rest2, T Epsilon, T Correction, T Shrink = default, T Ahead = default)
    where T : unmanaged;

/// <summary>One number's change in place, from its gradient and up to three numbers of state, written once for every device.</summary>
/// <remarks>The double form is the formula, and what the reference device runs; the float form runs on GPUs; the vector form on the CPU.</remarks>
public interface IStep
{
    /// <summary>The step's name.</summary>
    static abstract string Name { get; }

    /// <summary>How many numbers of state it has, 0 to 3.</summary>
    static abstract int States { get; }

    /// <summary>The defining formula.</summary>
    static abstract void Step(ref double w, double g, ref double a, ref double b, ref double c, StepSettings<double> s);

    /// <summary>On a GPU.</summary>
    static abstract void Step(ref float w, float g, ref float a, ref float b, ref float c, StepSettings<float> s);

    /// <summary>Sixteen at a time.</summary>
    static abstract void Step(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, StepSettings<float> s);
}

public abstract partial class Device
{
    /// <summary>Changes w, and the state a, b and c, in one pass.</summary>
    /// <param name="w">Float32.</param>
    /// <param name="g">Float32, as long as w: the gradient, or whatever the step goes by.</param>
    /// <param name="a">Float32, as long as w, where the step has state.</param>
    /// <param name="b">Float32, as long as w, where the step has two.</param>
    /// <param name="c">Float32, as long as w, where the step has three.</param>
    /// <param name="settings">The step's constants.</param>
    public void Step<S>(View w, View g, View? a, View? b, View? c, StepSettings<double> settings) where S : struct, IStep
    {
        Check(w, DType.Float32);
        Check(g, DType.Float32, w.Length);
        if (S.States > 0) Check(a.GetValueOrDefault(), DType.Float32, w.Length);
        if (S.States > 1) Check(b.GetValueOrDefault(), DType.Float32, w.Length);
        if (S.States > 2) Check(c.GetValueOrDefault(), DType.Float32, w.Length);
        // State that a step does not have stands in for nothing: it is neither read nor written.
        View first = S.States > 0 ? a!.Value : w, second = S.States > 1 ? b!.Value : w, third = S.States > 2 ? c!.Value : w;
        if (w.Length > 0) StepCore<S>(w, g, first, second, third, settings);
        Done(S.Name, w, g, first, second, third);
    }

    private protected abstract void StepCore<S>(View w, View g, View a, View b, View c, StepSettings<double> s) where S : struct, IStep;

    private protected static StepSettings<float> Floats(StepSettings<double> s)
        => new((float)s.Rate, (float)s.Decay, (float)s.Beta1, (float)s.Rest1, (float)s.Beta2, (float)s.Rest2, (float)s.Epsilon, (float)s.Correction,
            (float)s.Shrink, (float)s.Ahead);
}
