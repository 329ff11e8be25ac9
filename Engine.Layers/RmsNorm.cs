using Engine.Core;

namespace Engine.Layers;

/// <summary>y = x / √(Σx²/n + ε) · weight, each row along the last axis by its own mean square; its mean stays.</summary>
/// <remarks>Parameter: weight (features), as PyTorch stores it. Source: Zhang and Sennrich 2019, arXiv:1910.07467.</remarks>
public sealed class RmsNorm : Layer
{
    private readonly Parameter weight;
    private readonly double epsilon;

    /// <summary>A layer of weights 1.</summary>
    /// <param name="features">Size of the input's last axis.</param>
    /// <param name="epsilon">Added to the mean square: 1e-6 in Llama and T5.</param>
    /// <exception cref="ArgumentOutOfRangeException">features is under 1, or epsilon negative or NaN.</exception>
    public RmsNorm(int features, double epsilon = 1e-6)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        this.epsilon = NormSettings.Epsilon(epsilon);
        weight = NewParameter("weight", Tensor.Ones([features]));
    }

    /// <summary>Size of the input's last axis.</summary>
    public int Features => weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings => $"{Features}{NormSettings.Words(epsilon, 1e-6)}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank == 0 || x.Shape[-1] != Features) throw new ShapeException($"the input {x.Shape} must be (…, {Features}).");
        return x.RmsNorm(weight, epsilon);
    }
}
