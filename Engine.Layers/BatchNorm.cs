using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>y = activation((x − mean) / √(variance + ε) · weight + bias), channel by channel (axis 1): the batch's own statistics while training, which the
/// running ones follow, and the running ones at inference.</summary>
/// <remarks>Parameters: weight, bias (C). Buffers: running_mean, running_var (C), as PyTorch stores them; the running variance is the unbiased one.
/// Source: Ioffe and Szegedy 2015, arXiv:1502.03167.</remarks>
public abstract class BatchNorm : Layer
{
    private readonly Parameter weight, bias;
    private readonly Buffer runningMean, runningVariance;
    private readonly double epsilon, momentum;
    private readonly Activation activation;

    private protected BatchNorm(int channels, double epsilon, double momentum, Activation activation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        (this.epsilon, this.momentum, this.activation) = (epsilon, momentum, activation);
        weight = NewParameter("weight", Tensor.Ones([channels]));
        bias = NewParameter("bias", Tensor.Zeros([channels]));
        runningMean = NewBuffer("running_mean", Tensor.Zeros([channels]));
        runningVariance = NewBuffer("running_var", Tensor.Ones([channels]));
    }

    internal Buffer RunningMean => runningMean;

    internal Buffer RunningVariance => runningVariance;

    /// <summary>How far the running statistics move to each batch's.</summary>
    internal double Momentum => momentum;

    /// <inheritdoc/>
    protected override string Settings => $"{weight.Shape[0]}{Defaults.Words(activation)}";

    /// <summary>Whether an input of this rank is meant for this layer, and what it takes.</summary>
    private protected abstract (bool Fits, string Wanted) Takes(int rank);

    /// <summary>The end of a residual block in one pass over memory: y = activation((x − mean) / √(variance + ε) · weight + bias + addend).</summary>
    /// <param name="x">What is normalised.</param>
    /// <param name="addend">What the block was given, in the shape of x.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">The input does not fit, or the addend has another shape; the message begins with this layer's path.</exception>
    /// <remarks>Source: He, Zhang, Ren and Sun 2015, arXiv:1512.03385.</remarks>
    public Tensor Forward(Tensor x, Tensor addend, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(addend);
        return Within(pass, () => Normalise(x, addend, pass), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Normalise(x, null, pass);

    private Tensor Normalise(Tensor x, Tensor? addend, Pass pass)
    {
        var (fits, wanted) = Takes(x.Rank);
        if (!fits) throw new ShapeException($"the input {x.Shape} must be {wanted} with C = {weight.Shape[0]}.");
        return x.BatchNorm(weight, bias, runningMean, runningVariance, pass.Training, momentum, epsilon, addend, activation);
    }
}

/// <summary><see cref="BatchNorm"/> of rows (N, C) or series (N, C, L).</summary>
/// <param name="channels">C.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="momentum">How far the running statistics move to each batch's.</param>
/// <param name="activation">Applied last, in the same kernel: training keeps nothing in between.</param>
public sealed class BatchNorm1d(int channels, double epsilon = 1e-5, double momentum = 0.1, Activation activation = Activation.None)
    : BatchNorm(channels, epsilon, momentum, activation)
{
    private protected override (bool, string) Takes(int rank) => (rank is 2 or 3, "(N, C) or (N, C, L)");
}

/// <summary><see cref="BatchNorm"/> of images (N, C, H, W).</summary>
/// <inheritdoc cref="BatchNorm1d"/>
public sealed class BatchNorm2d(int channels, double epsilon = 1e-5, double momentum = 0.1, Activation activation = Activation.None)
    : BatchNorm(channels, epsilon, momentum, activation)
{
    private protected override (bool, string) Takes(int rank) => (rank == 4, "(N, C, H, W)");
}
