using Engine.Core;

namespace Engine.Layers;

/// <summary>Stochastic gradient descent: v ← momentum·v + g, w ← w − learningRate·v, where g is the gradient plus weightDecay·w; with nesterov,
/// w ← w − learningRate·(g + momentum·v).</summary>
/// <remarks>Source: Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in deep learning", in the form that
/// PyTorch uses.</remarks>
public sealed class Sgd : Optimizer
{
    private readonly double momentum;
    private readonly bool nesterov;

    /// <summary>Descends along these parameters' gradients.</summary>
    /// <exception cref="ArgumentException">A setting is outside its range, or nesterov is asked for without momentum.</exception>
    public Sgd(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double momentum = 0, double weightDecay = 0, bool nesterov = false)
        : base(parameters, learningRate, weightDecay, momentum == 0 ? [] : ["momentum"])
    {
        this.momentum = InRange(momentum, 1, nameof(momentum));
        this.nesterov = nesterov;
        if (nesterov && momentum == 0) throw new ArgumentException("Nesterov looks ahead along the momentum: give one above 0.", nameof(nesterov));
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
        => InPlace.Sgd(weight, gradient, state.Count == 0 ? null : state[0], step.LearningRate, momentum, step.WeightDecay, nesterov);
}
