using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>y = activation(x ⋆ W + b) over sequences (N, C, L): cross-correlation, which the field calls convolution.</summary>
/// <remarks>Parameters: weight (outChannels, inChannels / groups, S), bias (outChannels), as PyTorch stores them. Where the pass has
/// <see cref="Pass.Lengths"/>, a sequence is padded with zeros from its own end on, so that its results are what it gives alone.</remarks>
public sealed class Conv1d : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly int stride, padding, dilation, groups;
    private readonly Activation activation;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inChannels">Channels of the input, a multiple of <paramref name="groups"/>.</param>
    /// <param name="outChannels">Channels of the result, a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Steps that a filter sees.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="stride">Steps from one window to the next.</param>
    /// <param name="padding">Zeros before and after each sequence; dilation·(kernelSize − 1)/2 keeps the length where the window is odd.</param>
    /// <param name="dilation">Steps from one tap of the filter to the next.</param>
    /// <param name="groups">Cuts the channels into this many parts that do not see one another.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <param name="bias">False to leave it out.</param>
    /// <param name="init">Draws the weight, and the bias is then zero, as in Keras. Left out, both are uniform in ±1/√(inChannels/groups · S), as in PyTorch.</param>
    /// <exception cref="ArgumentException">A size is under 1, or groups does not divide the channels.</exception>
    public Conv1d(int inChannels, int outChannels, int kernelSize, Rng rng, int stride = 1, int padding = 0, int dilation = 1, int groups = 1,
        Activation activation = Activation.None, bool bias = true, Init? init = null)
    {
        Filters.Require(inChannels, outChannels, kernelSize, groups);
        StepWindows.Require(stride, padding, dilation);
        (this.stride, this.padding, this.dilation, this.groups, this.activation) = (stride, padding, dilation, groups, activation);
        weight = NewParameter("weight", [outChannels, inChannels / groups, kernelSize], Defaults.Weight(init), rng);
        if (bias) this.bias = NewParameter("bias", [outChannels], Defaults.Bias(init, weight.Shape), rng);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels => weight.Shape[1] * groups;

    /// <summary>Channels of the result.</summary>
    public int OutChannels => weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings
        => $"{InChannels} -> {OutChannels}, {weight.Shape[2]}{Pairs.Words("stride", stride, 1)}{Pairs.Words("padding", padding, 0)}"
            + $"{Pairs.Words("dilation", dilation, 1)}{(groups == 1 ? "" : $", groups={groups}")}{Defaults.Words(activation)}{(bias is null ? ", no bias" : "")}";

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => StepWindows.After(lengths, weight.Shape[2], stride, padding, dilation);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
        => (padding > 0 ? Sequences.Fill(nameof(Conv1d), x, pass.Lengths, 0) : x).Conv1d(weight, bias, stride, padding, dilation, groups, activation);
}

/// <summary>Windows along steps.</summary>
internal static class StepWindows
{
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public static void Require(int stride, int padding, int dilation = 1, int kernelSize = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kernelSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dilation);
    }

    /// <summary>How many windows each sequence holds; 0 where not one fits.</summary>
    public static int[] After(int[] lengths, int window, int stride, int padding, int dilation = 1) => Array.ConvertAll(lengths, length =>
    {
        long room = length + 2L * padding - dilation * (window - 1L) - 1;
        return length < 1 || room < 0 ? 0 : (int)(room / stride) + 1;
    });
}
