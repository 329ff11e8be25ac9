using Engine.Core;

namespace Engine.Layers;

/// <summary>s ← rho·s + (1 − rho)·g², u = g·√(d + epsilon) / √(s + epsilon), d ← rho·d + (1 − rho)·u², w ← w − learningRate·u, where g is the gradient plus
/// weightDecay·w.</summary>
/// <remarks>Source: Zeiler 2012, arXiv:1212.5701.</remarks>
public sealed class Adadelta : Optimizer
{
    private readonly double rho, epsilon;

    /// <summary>Descends along these parameters' gradients, each number by the running size of its gradients and of its changes.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="rho">What stays of the averages.</param>
    /// <param name="epsilon">Keeps the roots from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public Adadelta(IEnumerable<Parameter> parameters, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "square", "change")
    {
        this.rho = InRange(rho, 1, nameof(rho));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Adadelta(weight, gradient, state[0], state[1], step.LearningRate, rho, epsilon, step.WeightDecay);
}
