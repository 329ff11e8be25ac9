using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The transposed convolution over images (N, C, H, W), with bias and activation: makes images larger.</summary>
/// <remarks>Parameters: weight (inChannels, outChannels / groups, R, S), bias (outChannels), as PyTorch stores them.</remarks>
public sealed class ConvTranspose2d : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Pair stride, padding, outputPadding, dilation;
    private readonly int groups;
    private readonly Activation activation;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inChannels">Channels of the input, a multiple of <paramref name="groups"/>.</param>
    /// <param name="outChannels">Channels of the result, a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Height and width of the filters.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="stride">Pixels of the result from one window to the next; 1 unless given.</param>
    /// <param name="padding">Pixels cut off the result, on each side; none unless given.</param>
    /// <param name="outputPadding">Pixels that the result has more, below and on the right; none unless given.</param>
    /// <param name="dilation">Pixels of the result from one tap of the filter to the next; 1 unless given.</param>
    /// <param name="groups">Cuts the channels into this many parts that do not see one another.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="bias">False to leave it out.</param>
    /// <param name="init">Draws the weight, and the bias is then zero, as in Keras. Left out, both are uniform in ±1/√(outChannels/groups · R · S), as in PyTorch.</param>
    /// <exception cref="ArgumentException">A size is under 1, or groups does not divide the channels.</exception>
    public ConvTranspose2d(int inChannels, int outChannels, Pair kernelSize, Rng rng, Pair? stride = null, Pair? padding = null, Pair? outputPadding = null,
        Pair? dilation = null, int groups = 1, Activation activation = Activation.None, bool bias = true, Init? init = null)
    {
        Filters.Require(inChannels, outChannels, kernelSize, groups);
        (this.stride, this.padding, this.outputPadding, this.dilation) = (stride ?? 1, padding ?? 0, outputPadding ?? 0, dilation ?? 1);
        (this.groups, this.activation) = (groups, activation);
        weight = NewParameter("weight", [inChannels, outChannels / groups, kernelSize.Height, kernelSize.Width], Defaults.Weight(init), rng);
        if (bias) this.bias = NewParameter("bias", [outChannels], Defaults.Bias(init, weight.Shape), rng);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels => weight.Shape[0];

    /// <summary>Channels of the result.</summary>
    public int OutChannels => weight.Shape[1] * groups;

    /// <inheritdoc/>
    protected override string Settings
        => $"{InChannels} -> {OutChannels}, {weight.Shape[2]}×{weight.Shape[3]}{Pairs.Words("stride", stride, 1)}{Pairs.Words("padding", padding, 0)}"
            + $"{Pairs.Words("outputPadding", outputPadding, 0)}{Pairs.Words("dilation", dilation, 1)}{(groups == 1 ? "" : $", groups={groups}")}"
            + $"{Defaults.Words(activation)}{(bias is null ? ", no bias" : "")}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.ConvTranspose2d(weight, bias, stride, padding, outputPadding, dilation, groups, activation);
}
