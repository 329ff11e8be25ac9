using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>y = activation(x ⋆ W + b) over images (N, C, H, W): cross-correlation, which the field calls convolution.</summary>
/// <remarks>Parameters: weight (outChannels, inChannels / groups, R, S), bias (outChannels), as PyTorch stores them.</remarks>
public sealed class Conv2d : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Pair stride, padding, dilation;
    private readonly int groups;
    private readonly Activation activation;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inChannels">Channels of the input, a multiple of <paramref name="groups"/>.</param>
    /// <param name="outChannels">Channels of the result, a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Height and width of the filters.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="stride">Pixels from one application to the next; 1 unless given.</param>
    /// <param name="padding">Zeros around the image, on each side; none unless given.</param>
    /// <param name="dilation">Pixels from one tap of the filter to the next; 1 unless given.</param>
    /// <param name="groups">Cuts the channels into this many parts that do not see one another.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <param name="bias">False to leave it out.</param>
    /// <param name="init">Draws the weight, and the bias is then zero, as in Keras. Left out, both are uniform in ±1/√(inChannels/groups · R · S), as in PyTorch.</param>
    /// <exception cref="ArgumentException">A size is under 1, or groups does not divide the channels.</exception>
    public Conv2d(int inChannels, int outChannels, Pair kernelSize, Rng rng, Pair? stride = null, Pair? padding = null, Pair? dilation = null,
        int groups = 1, Activation activation = Activation.None, bool bias = true, Init? init = null)
    {
        Filters.Require(inChannels, outChannels, kernelSize, groups);
        (this.stride, this.padding, this.dilation) = (stride ?? 1, padding ?? 0, dilation ?? 1);
        (this.groups, this.activation) = (groups, activation);
        weight = NewParameter("weight", [outChannels, inChannels / groups, kernelSize.Height, kernelSize.Width], Defaults.Weight(init), rng);
        if (bias) this.bias = NewParameter("bias", [outChannels], Defaults.Bias(init, weight.Shape), rng);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels => weight.Shape[1] * groups;

    /// <summary>Channels of the result.</summary>
    public int OutChannels => weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings
        => $"{InChannels} -> {OutChannels}, {weight.Shape[2]}×{weight.Shape[3]}{Pairs.Words("stride", stride, 1)}{Pairs.Words("padding", padding, 0)}"
            + $"{Pairs.Words("dilation", dilation, 1)}{(groups == 1 ? "" : $", groups={groups}")}{Defaults.Words(activation)}{(bias is null ? ", no bias" : "")}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Conv2d(weight, bias, stride, padding, dilation, groups, activation);
}

/// <summary>Pairs in summaries.</summary>
internal static class Pairs
{
    public static string Both(Pair pair) => $"{pair.Height}×{pair.Width}";

    public static string Words(string name, Pair pair, Pair usual) => pair == usual ? "" : $", {name}={pair}";
}

/// <summary>What convolutions ask of their sizes.</summary>
internal static class Filters
{
    /// <exception cref="ArgumentException">A size is under 1, or groups does not divide the channels.</exception>
    public static void Require(int inChannels, int outChannels, Pair kernelSize, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inChannels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outChannels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kernelSize.Height, nameof(kernelSize));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kernelSize.Width, nameof(kernelSize));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"{groups} groups do not divide {inChannels} channels in and {outChannels} out.", nameof(groups));
    }
}
