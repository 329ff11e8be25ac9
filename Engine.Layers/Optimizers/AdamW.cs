namespace Engine.Layers;

/// <summary><see cref="Adam"/> with weight decay beside the gradient and not within it: w ← w − learningRate·weightDecay·w comes first, and g is the
/// gradient alone.</summary>
/// <remarks>Source: Loshchilov and Hutter 2019, arXiv:1711.05101.</remarks>
public sealed class AdamW : Adam
{
    /// <summary>Descends along these parameters' gradients by their running mean and size.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>, such as <see cref="ParameterGroups.DecayOfWeights"/> of it.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="beta1">What stays of the average of gradients.</param>
    /// <param name="beta2">What stays of the average of squares.</param>
    /// <param name="epsilon">Keeps the divisor from 0.</param>
    /// <param name="weightDecay">What a step takes off w, times the learning rate.</param>
    /// <param name="amsgrad">Divide by the largest average of squares so far.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public AdamW(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 1e-2,
        bool amsgrad = false)
        : base(decoupled: true, parameters, learningRate, beta1, beta2, epsilon, weightDecay, amsgrad)
    {
    }
}
