using Engine.Kernels;

namespace Engine.Core;

// Steps that go by the size of the gradients so far.
public static partial class InPlace
{
    /// <summary>A step of RMSProp: s ← alpha · s + (1 − alpha) d² and w ← w − rate · d / (√s + epsilon), d = grad + weightDecay · w. With momentum
    /// v ← momentum · v + d / (√s + epsilon) and w ← w − rate · v; centered, the root is of s − mean².</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="square">s, zeros before the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="alpha">What stays of the averages, in [0, 1).</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="momentum">What stays of the velocity, in [0, 1).</param>
    /// <param name="velocity">v, zeros before the first step; null where the momentum is 0.</param>
    /// <param name="mean">The average of gradients, zeros before the first step; null where it is not centered.</param>
    /// <exception cref="ArgumentException">A momentum without a velocity, or the reverse.</exception>
    public static void RmsProp(Tensor w, Tensor grad, Tensor square, double learningRate, double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0,
        double momentum = 0, Tensor? velocity = null, Tensor? mean = null)
    {
        RequireBoth(nameof(RmsProp), momentum, velocity);
        var settings = new StepSettings<double>(learningRate, weightDecay, momentum, 1 - momentum, alpha, 1 - alpha, epsilon, 0);
        if (mean is null && velocity is null) Step<RmsPropStep>(w, grad, square, null, null, settings);
        else if (mean is null) Step<RmsPropMomentumStep>(w, grad, square, velocity, null, settings);
        else if (velocity is null) Step<CenteredRmsPropStep>(w, grad, square, mean, null, settings);
        else Step<CenteredRmsPropMomentumStep>(w, grad, square, mean, velocity, settings);
    }

    /// <summary>A step of Adagrad: s ← s + d² and w ← w − rate · d / (√s + epsilon), d = grad + weightDecay · w.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="sum">s, zeros before the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    public static void Adagrad(Tensor w, Tensor grad, Tensor sum, double learningRate, double epsilon = 1e-10, double weightDecay = 0)
        => Step<AdagradStep>(w, grad, sum, null, null, new(learningRate, weightDecay, 0, 0, 0, 0, epsilon, 0));

    /// <summary>A step of Adadelta: s ← rho · s + (1 − rho) d², u = d · √(δ + epsilon) / √(s + epsilon), δ ← rho · δ + (1 − rho) u² and
    /// w ← w − rate · u, d = grad + weightDecay · w.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="square">s, zeros before the first step.</param>
    /// <param name="change">δ, zeros before the first step.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="rho">What stays of the averages, in [0, 1).</param>
    /// <param name="epsilon">Keeps the roots from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    public static void Adadelta(Tensor w, Tensor grad, Tensor square, Tensor change, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        => Step<AdadeltaStep>(w, grad, square, change, null, new(learningRate, weightDecay, 0, 0, rho, 1 - rho, epsilon, 0));

    private static void RequireBoth(string name, double momentum, Tensor? velocity)
    {
        if (velocity is null != (momentum == 0))
            throw new ArgumentException($"{name}: a momentum of {momentum} and {(velocity is null ? "no velocity" : "a velocity")}: give both or neither.", nameof(velocity));
    }
}
