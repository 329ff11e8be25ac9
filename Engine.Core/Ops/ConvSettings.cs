using Engine.Kernels;

namespace Engine.Core;

/// <summary>The settings that a convolution and a transposed one share, and the checks of them.</summary>
internal sealed record ConvSettings(string Op, Pair Stride, Pair Padding, Pair Dilation, int Groups)
{
    /// <summary>Refuses ranks, settings and windows that no convolution has.</summary>
    /// <param name="x">The input.</param>
    /// <param name="w">The weight.</param>
    /// <param name="layout">What the weight's axes are, for the error.</param>
    public void Require(Tensor x, Tensor w, string layout)
    {
        Images.Require(Op, x);
        if (w.Rank != 4) throw new ShapeException($"{Op}: the weight {w.Describe()} must be {layout}.");
        Stride.AtLeast(1, Op, "stride");
        Padding.AtLeast(0, Op, "padding");
        Dilation.AtLeast(1, Op, "dilation");
        if (w.Shape[2] < 1 || w.Shape[3] < 1) throw new ShapeException($"{Op}: the weight {w.Describe()} has an empty window.");
        Fits(x, x.Shape[2] + 2L * Padding.Height, (w.Shape[2] - 1L) * Dilation.Height);
        Fits(x, x.Shape[3] + 2L * Padding.Width, (w.Shape[3] - 1L) * Dilation.Width);
    }

    /// <summary>Refuses a bias of another length than the result has channels.</summary>
    public void RequireBias(Tensor? bias, Tensor w, int channels)
    {
        if (bias is not null && bias.Shape != [channels])
            throw new ShapeException($"{Op}: the bias {bias.Describe()} must be ({channels}), one number a filter of the weight {w.Describe()}.");
    }

    /// <summary>How much of the padded image one filter spans.</summary>
    public Pair Window(int r, int s) => new(Dilation.Height * (r - 1) + 1, Dilation.Width * (s - 1) + 1);

    /// <summary>The sizes of the convolution with these settings.</summary>
    public Conv2dSizes Sizes(int n, int c, int h, int w, int k, int r, int s)
        => new(n, c, h, w, k, r, s, Stride.Height, Stride.Width, Padding.Height, Padding.Width, Dilation.Height, Dilation.Width, Groups);

    private void Fits(Tensor x, long padded, long span)
    {
        if (padded >= int.MaxValue || span >= int.MaxValue)
            throw new ShapeException($"{Op}: the input {x.Describe()} with padding {Padding} and dilation {Dilation} is wider than {int.MaxValue:N0} pixels, the most there may be. Use smaller ones.");
    }

    public override string ToString() => $"stride={Stride}, padding={Padding}, dilation={Dilation}, groups={Groups}";
}
