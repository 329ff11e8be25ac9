using Engine.Core;

namespace Engine.Layers;

/// <summary>s ← alpha·s + (1 − alpha)·g², w ← w − learningRate·g / (√s + epsilon), where g is the gradient plus weightDecay·w.</summary>
/// <remarks>Source: Hinton, Srivastava and Swersky 2012, "Neural networks for machine learning", lecture 6e; epsilon outside the root, as in PyTorch.</remarks>
public sealed class RmsProp : Optimizer
{
    private readonly double alpha, epsilon, weightDecay;

    /// <summary>Descends along these parameters' gradients, each number by its own running size.</summary>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public RmsProp(IEnumerable<Parameter> parameters, double learningRate = 1e-2, double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0)
        : base(parameters, learningRate, "square")
    {
        this.alpha = InRange(alpha, 1, nameof(alpha));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
        this.weightDecay = InRange(weightDecay, double.PositiveInfinity, nameof(weightDecay));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, int step)
        => InPlace.RmsProp(weight, gradient, state[0], LearningRate, alpha, epsilon, weightDecay);
}
