using Engine.Kernels;

namespace Engine.Core;

// Steps that go by running averages of the gradients and of their size.
public static partial class InPlace
{
    /// <summary>A step of Adam: m ← beta1 · m + (1 − beta1) d, v ← beta2 · v + (1 − beta2) d² and
    /// w ← w − rate · (m / (1 − beta1ᵗ)) / (√(v / (1 − beta2ᵗ)) + epsilon), d = grad + weightDecay · w. Decoupled, which is AdamW, d is the gradient
    /// alone and w ← w − rate · weightDecay · w comes first.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="m">The average of gradients, zeros before the first step.</param>
    /// <param name="v">The average of squares, zeros before the first step.</param>
    /// <param name="step">t, 1 for the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="beta1">What stays of the average of gradients, in [0, 1).</param>
    /// <param name="beta2">What stays of the average of squares, in [0, 1).</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor, or decoupled what is taken off w.</param>
    /// <param name="decoupled">Keep the decay out of the averages.</param>
    /// <param name="largest">AMSGrad: the largest v so far, which takes v's place in the divisor; zeros before the first step.</param>
    public static void Adam(Tensor w, Tensor grad, Tensor m, Tensor v, int step, double learningRate,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false, Tensor? largest = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        var settings = new StepSettings<double>(learningRate / Bias(beta1, step), decoupled ? 0 : weightDecay,
            beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 / Math.Sqrt(Bias(beta2, step)), decoupled ? learningRate * weightDecay : 0);
        if (largest is null) Step<AdamStep>(w, grad, m, v, null, settings);
        else Step<AmsGradStep>(w, grad, m, v, largest, settings);
    }

    /// <summary>A step of NAdam: Adam's averages, and w ← w − (rate · m + ahead · d) / (√(v / (1 − beta2ᵗ)) + epsilon), d = grad + weightDecay · w.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="m">The average of gradients, zeros before the first step.</param>
    /// <param name="v">The average of squares, zeros before the first step.</param>
    /// <param name="step">t, 1 for the first step.</param>
    /// <param name="rate">What the average of gradients is multiplied with, the learning rate and the bias correction within.</param>
    /// <param name="ahead">What the gradient itself is multiplied with.</param>
    /// <param name="beta1">What stays of the average of gradients, in [0, 1).</param>
    /// <param name="beta2">What stays of the average of squares, in [0, 1).</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="shrink">Decoupled weight decay: this much of w is taken off it first.</param>
    public static void NAdam(Tensor w, Tensor grad, Tensor m, Tensor v, int step, double rate, double ahead,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double shrink = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        Step<NAdamStep>(w, grad, m, v, null, new(rate, weightDecay, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 / Math.Sqrt(Bias(beta2, step)), shrink, ahead));
    }

    /// <summary>A step of Adamax: m ← beta1 · m + (1 − beta1) d, u ← max(beta2 · u, |d| + epsilon) and w ← w − rate / (1 − beta1ᵗ) · m / u,
    /// d = grad + weightDecay · w.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="m">The average of gradients, zeros before the first step.</param>
    /// <param name="u">The fading maximum, zeros before the first step.</param>
    /// <param name="step">t, 1 for the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="beta1">What stays of the average of gradients, in [0, 1).</param>
    /// <param name="beta2">What stays of the maximum, in [0, 1).</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    public static void Adamax(Tensor w, Tensor grad, Tensor m, Tensor u, int step, double learningRate,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        Step<AdamaxStep>(w, grad, m, u, null, new(learningRate / Bias(beta1, step), weightDecay, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 0));
    }

    /// <summary>A step of Lion: w ← w − rate · weightDecay · w − rate · sign(beta1 · m + (1 − beta1) grad), then m ← beta2 · m + (1 − beta2) grad.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="m">The average of gradients, zeros before the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="beta1">What the average weighs against the gradient in this step, in [0, 1).</param>
    /// <param name="beta2">What stays of the average of gradients, in [0, 1).</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    public static void Lion(Tensor w, Tensor grad, Tensor m, double learningRate = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        => Step<LionStep>(w, grad, m, null, null, new(learningRate, 0, beta1, 1 - beta1, beta2, 1 - beta2, 0, 0, learningRate * weightDecay));

    /// <summary>A step of LAMB: Adam's averages of the gradient, u = (m / (1 − beta1ᵗ)) / (√(v / (1 − beta2ᵗ)) + epsilon) + weightDecay · w and
    /// w ← w − rate · ‖w‖/‖u‖ · u, the quotient of norms 1 where either is 0.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="m">The average of gradients, zeros before the first step.</param>
    /// <param name="v">The average of squares, zeros before the first step.</param>
    /// <param name="step">t, 1 for the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="beta1">What stays of the average of gradients, in [0, 1).</param>
    /// <param name="beta2">What stays of the average of squares, in [0, 1).</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    public static void Lamb(Tensor w, Tensor grad, Tensor m, Tensor v, int step, double learningRate,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        MayChange(w, nameof(Lamb));
        using var whole = Cancellation.Suspend();
        using var noGrad = NoGrad.Begin();
        using var scope = w.Device.Scope(nameof(Lamb));
        var u = Tensor.Empty(w.Shape, w.Device, op: nameof(Lamb));
        Step<LambStep>(w, grad, m, v, u, new(1 / Bias(beta1, step), weightDecay, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 / Math.Sqrt(Bias(beta2, step))));
        // The norms stay on the device: nothing waits for it.
        Tensor from = (w * w).Sum().Sqrt(), to = (u * u).Sum().Sqrt(), zero = Tensor.Zeros([], w.Device), one = Tensor.Ones([], w.Device);
        var trust = Tensor.Where(from.Greater(zero), Tensor.Where(to.Greater(zero), from / to, one), one);
        Step<SgdStep>(w, u * trust, null, null, null, new(learningRate, 0, 0, 0, 0, 0, 0, 0));
    }

    // What an average that began at 0 lacks after t steps: 1 − βᵗ.
    private static double Bias(double beta, int step) => 1 - Math.Pow(beta, step);
}
