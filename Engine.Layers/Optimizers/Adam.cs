using Engine.Core;

namespace Engine.Layers;

/// <summary>m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², w ← w − learningRate·m̂ / (√v̂ + epsilon) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at
/// step t, where g is the gradient plus weightDecay·w.</summary>
/// <remarks>Source: Kingma and Ba 2015, arXiv:1412.6980.</remarks>
public sealed class Adam : Optimizer
{
    private readonly double beta1, beta2, epsilon, weightDecay;

    /// <summary>Descends along these parameters' gradients by their running mean and size.</summary>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Adam(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(parameters, learningRate, "mean", "square")
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
        this.weightDecay = InRange(weightDecay, double.PositiveInfinity, nameof(weightDecay));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, int step)
        => InPlace.Adam(weight, gradient, state[0], state[1], step, LearningRate, beta1, beta2, epsilon, weightDecay);
}
