using Engine.Core;

namespace Engine.Layers;

/// <summary>s ← alpha·s + (1 − alpha)·g², w ← w − learningRate·g / (√s + epsilon), where g is the gradient plus weightDecay·w. With momentum
/// v ← momentum·v + g / (√s + epsilon), w ← w − learningRate·v; centered, the root is of s less the square of the gradients' running mean.</summary>
/// <remarks>Sources: Hinton, Srivastava and Swersky 2012, "Neural networks for machine learning", lecture 6e; centered, Graves 2013, arXiv:1308.0850;
/// epsilon outside the root, as in PyTorch.</remarks>
public sealed class RmsProp : Optimizer
{
    private readonly double alpha, epsilon, momentum;
    private readonly bool centered;

    /// <summary>Descends along these parameters' gradients, each number by its own running size.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="alpha">What stays of the averages.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="momentum">What stays of the velocity.</param>
    /// <param name="centered">Divide by the deviation of the gradients rather than by their size.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public RmsProp(IEnumerable<Parameter> parameters, double learningRate = 1e-2, double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0,
        double momentum = 0, bool centered = false)
        : base(parameters, learningRate, weightDecay, ["square", .. momentum == 0 ? [] : (string[])["momentum"], .. centered ? (string[])["mean"] : []])
    {
        this.alpha = InRange(alpha, 1, nameof(alpha));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
        this.momentum = InRange(momentum, 1, nameof(momentum));
        this.centered = centered;
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.RmsProp(weight, gradient, state[0], step.LearningRate, alpha, epsilon, step.WeightDecay, momentum, momentum == 0 ? null : state[1], centered ? state[^1] : null);
}
