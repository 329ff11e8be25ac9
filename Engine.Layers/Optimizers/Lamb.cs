using Engine.Core;

namespace Engine.Layers;

/// <summary>m and v as <see cref="Adam"/> has them, u = m̂ / (√v̂ + epsilon) + weightDecay·w, w ← w − learningRate·‖w‖/‖u‖·u: each parameter moves in proportion to its
/// own length. The quotient of norms is 1 where either is 0.</summary>
/// <remarks>For very large batches. Source: You, Li, Reddi and others 2020, arXiv:1904.00962, algorithm 2 with the identity for φ.</remarks>
public sealed class Lamb : Optimizer
{
    private readonly double beta1, beta2, epsilon;

    /// <summary>Descends along these parameters' gradients by their running mean and size, and by each parameter's own.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What stays of the average of gradients.</param>
    /// <param name="beta2">What stays of the average of squares.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Lamb(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "mean", "square")
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Lamb(weight, gradient, state[0], state[1], step.Count, step.LearningRate, beta1, beta2, epsilon, step.WeightDecay);

    /// <summary>False: a row's step goes by the norm of them all.</summary>
    protected override bool StepsByRows => false;
}
