using Engine.Core;

namespace Engine.Layers;

/// <summary>y = (x − mean) / √(variance + ε) · weight + bias, each example's groups of channels by their own mean and variance, whatever the batch.</summary>
/// <remarks>Parameters: weight, bias (channels), as PyTorch stores them. The same in training and at inference. Source: Wu and He 2018, arXiv:1803.08494.</remarks>
public sealed class GroupNorm : Layer
{
    private readonly Parameter weight, bias;
    private readonly int groups;
    private readonly double epsilon;

    /// <summary>A layer of weights 1 and biases 0.</summary>
    /// <param name="groups">Into how many the channels are cut.</param>
    /// <param name="channels">Size of the input's axis 1.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or epsilon negative or NaN.</exception>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        if (channels % groups != 0) throw new ArgumentException($"GroupNorm: {groups} groups do not divide {channels} channels.", nameof(groups));
        this.groups = groups;
        this.epsilon = NormSettings.Epsilon(epsilon);
        weight = NewParameter("weight", Tensor.Ones([channels]));
        bias = NewParameter("bias", Tensor.Zeros([channels]));
    }

    /// <inheritdoc/>
    protected override string Settings => $"{weight.Shape[0]}, {groups} groups{NormSettings.Words(epsilon, 1e-5)}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2 || x.Shape[1] != weight.Shape[0]) throw new ShapeException($"the input {x.Shape} must be (N, C, …) with C = {weight.Shape[0]}.");
        return x.GroupNorm(groups, weight, bias, epsilon);
    }
}
