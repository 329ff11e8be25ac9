using Engine.Core;

namespace Engine.Layers;

/// <summary>m ← β₁·m + (1 − β₁)·g, u ← max(β₂·u, |g| + epsilon), w ← w − learningRate / (1 − β₁ᵗ)·m / u at step t, where g is the gradient plus
/// weightDecay·w.</summary>
/// <remarks>Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.1.</remarks>
public sealed class Adamax : Optimizer
{
    private readonly double beta1, beta2, epsilon;

    /// <summary>Descends along these parameters' gradients by their running mean and their fading maximum.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What stays of the average of gradients.</param>
    /// <param name="beta2">What stays of the maximum.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Adamax(IEnumerable<Parameter> parameters, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "mean", "largest")
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Adamax(weight, gradient, state[0], state[1], step.Count, step.LearningRate, beta1, beta2, epsilon, step.WeightDecay);
}
