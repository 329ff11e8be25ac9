using Engine.Core;

namespace Engine.Layers;

/// <summary>s ← s + g², w ← w − r·g / (√s + epsilon) with r = learningRate / (1 + (t − 1)·rateDecay) at step t, where g is the gradient plus weightDecay·w.</summary>
/// <remarks>Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization".</remarks>
public sealed class Adagrad : Optimizer
{
    private readonly double rateDecay, initialSum, epsilon;

    /// <summary>Descends along these parameters' gradients, each number by the size of all it has seen.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="rateDecay">By how much each step divides the learning rate further.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="initialSum">s before the first step.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Adagrad(IEnumerable<Parameter> parameters, double learningRate = 1e-2, double rateDecay = 0, double weightDecay = 0, double initialSum = 0, double epsilon = 1e-10)
        : base(parameters, learningRate, weightDecay, "sum")
    {
        this.rateDecay = InRange(rateDecay, double.PositiveInfinity, nameof(rateDecay));
        this.initialSum = InRange(initialSum, double.PositiveInfinity, nameof(initialSum));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Adagrad(weight, gradient, state[0], step.LearningRate / (1 + (step.Count - 1) * rateDecay), epsilon, step.WeightDecay);

    /// <inheritdoc/>
    protected override double FirstValue(string state) => initialSum;
}
