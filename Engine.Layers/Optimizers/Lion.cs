using Engine.Core;

namespace Engine.Layers;

/// <summary>w ← w − learningRate·(sign(β₁·m + (1 − β₁)·g) + weightDecay·w), then m ← β₂·m + (1 − β₂)·g, where g is the gradient. Every number moves by as much, so the
/// learning rate is a third to a tenth of Adam's, and the weight decay as much larger.</summary>
/// <remarks>Source: Chen, Liang, Huang and others 2023, arXiv:2302.06675.</remarks>
public sealed class Lion : Optimizer
{
    private readonly double beta1, beta2;

    /// <summary>Descends by the signs of these parameters' running gradients.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What the average weighs against the gradient in a step.</param>
    /// <param name="beta2">What stays of the average of gradients.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Lion(IEnumerable<Parameter> parameters, double learningRate = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "mean")
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Lion(weight, gradient, state[0], step.LearningRate, beta1, beta2, step.WeightDecay);
}
