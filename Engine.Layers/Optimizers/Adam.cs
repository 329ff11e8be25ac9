using Engine.Core;

namespace Engine.Layers;

/// <summary>m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², w ← w − learningRate·m̂ / (√v̂ + epsilon) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at
/// step t, where g is the gradient plus weightDecay·w. With amsgrad the largest v so far takes v's place in v̂.</summary>
/// <remarks>Sources: Kingma and Ba 2015, arXiv:1412.6980; Reddi, Kale and Kumar 2018, arXiv:1904.09237.</remarks>
public class Adam : Optimizer
{
    private readonly double beta1, beta2, epsilon;
    private readonly bool decoupled;

    /// <summary>Descends along these parameters' gradients by their running mean and size.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What stays of the average of gradients.</param>
    /// <param name="beta2">What stays of the average of squares.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="amsgrad">Divide by the largest average of squares so far.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Adam(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0,
        bool amsgrad = false)
        : this(decoupled: false, parameters, learningRate, beta1, beta2, epsilon, weightDecay, amsgrad)
    {
    }

    private protected Adam(bool decoupled, IEnumerable<Parameter> parameters, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, bool amsgrad)
        : base(parameters, learningRate, weightDecay, amsgrad ? ["mean", "square", "largest"] : ["mean", "square"])
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
        this.decoupled = decoupled;
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Adam(weight, gradient, state[0], state[1], step.Count, step.LearningRate, beta1, beta2, epsilon, step.WeightDecay, decoupled, state.Count > 2 ? state[2] : null);
}
