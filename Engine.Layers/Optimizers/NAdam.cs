using Engine.Core;

namespace Engine.Layers;

/// <summary>Adam that looks ahead: with μₜ = β₁·(1 − 0.96^(t·momentumDecay) / 2) and Mₜ = μ₁·…·μₜ, w ← w − learningRate·(μₜ₊₁·m / (1 − Mₜ₊₁) + (1 − μₜ)·g / (1 − Mₜ)) / (√v̂ + epsilon)
/// at step t, where g is the gradient plus weightDecay·w, or decoupled the gradient alone.</summary>
/// <remarks>Source: Dozat 2016, "Incorporating Nesterov momentum into Adam", in the form that PyTorch has.</remarks>
public sealed class NAdam : Optimizer
{
    private readonly double beta1, beta2, epsilon, momentumDecay;
    private readonly bool decoupled;
    private readonly List<double> products = [1];

    /// <summary>Descends along these parameters' gradients by their running mean and size, looking ahead.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What stays of the average of gradients.</param>
    /// <param name="beta2">What stays of the average of squares.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">The L2 penalty's factor, or decoupled what is taken off w.</param>
    /// <param name="momentumDecay">How fast the momentum grows to β₁.</param>
    /// <param name="decoupled">Keep the decay out of the averages, as AdamW does.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public NAdam(IEnumerable<Parameter> parameters, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3,
        bool decoupled = false)
        : base(parameters, learningRate, weightDecay, "mean", "square")
    {
        this.beta1 = InRange(beta1, 1, nameof(beta1));
        this.beta2 = InRange(beta2, 1, nameof(beta2));
        this.epsilon = InRange(epsilon, double.PositiveInfinity, nameof(epsilon));
        this.momentumDecay = InRange(momentumDecay, double.PositiveInfinity, nameof(momentumDecay));
        this.decoupled = decoupled;
    }

    /// <inheritdoc/>
    protected override void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step)
    {
        double momentum = Momentum(step.Count), next = Momentum(step.Count + 1);
        double rate = step.LearningRate * next / (1 - Product(step.Count + 1)), ahead = step.LearningRate * (1 - momentum) / (1 - Product(step.Count));
        InPlace.NAdam(weight, gradient, state[0], state[1], step.Count, rate, ahead, beta1, beta2, epsilon,
            decoupled ? 0 : step.WeightDecay, decoupled ? step.LearningRate * step.WeightDecay : 0);
    }

    private double Momentum(int step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * momentumDecay));

    // μ₁·…·μₜ, remembered until it is 0 in double.
    private double Product(int step)
    {
        while (products.Count <= step && products[^1] > 0) products.Add(products[^1] * Momentum(products.Count));
        return products[Math.Min(step, products.Count - 1)];
    }
}
