using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The transposed 2-D convolution of images (N, C, H, W): each pixel sends its channels, times the filters, into a window of a
    /// larger image. It takes shapes the other way than <see cref="Conv2d"/> of the same settings does, and is no inverse of it.</summary>
    /// <param name="weight">Filters, (C, K/groups, R, S), as PyTorch stores them, on this tensor's device.</param>
    /// <param name="bias">(K), added to each channel of the result.</param>
    /// <param name="stride">Pixels of the result from one window to the next; 1 unless given.</param>
    /// <param name="padding">Pixels cut off the result on each side; 0 unless given.</param>
    /// <param name="outputPadding">Pixels that the result has more, below and on the right: of the sizes from which a convolution of this stride
    /// comes to H, the smallest has 0. Under the stride or the dilation; 0 unless given.</param>
    /// <param name="dilation">Pixels of the result from one tap of a filter to the next; 1 unless given.</param>
    /// <param name="groups">Cuts the channels into parts that do not see one another.</param>
    /// <param name="activation">Applied last.</param>
    /// <returns>(N, K, P, Q) with P = (H − 1)·stride − 2·padding + dilation·(R − 1) + outputPadding + 1, Q likewise.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W) with H and W at least 1, channels and weight disagree, groups do not divide
    /// them, the output's padding is too large, or nothing is left of the result.</exception>
    /// <remarks>Gradients: dx is the convolution of dy with the filters, dw the correlation of dy with x, dbias the sum of dy over images and
    /// pixels. Source: Dumoulin and Visin 2016, arXiv:1603.07285, chapter 4.</remarks>
    public Tensor ConvTranspose2d(Tensor weight, Tensor? bias = null, Pair? stride = null, Pair? padding = null, Pair? outputPadding = null,
        Pair? dilation = null, int groups = 1, Activation activation = Activation.None)
    {
        var settings = new ConvSettings(nameof(ConvTranspose2d), stride ?? 1, padding ?? 0, dilation ?? 1, groups);
        var extra = ConvTranspose2dOp.Require(settings, this, weight, bias, outputPadding ?? 0);
        // What reaches beyond one more stride is what rows and columns of zeros give.
        Pair rows = (extra.Height / settings.Stride.Height, extra.Width / settings.Stride.Width);
        var x = Pad([(0, rows.Height), (0, rows.Width)]);
        extra = (extra.Height % settings.Stride.Height, extra.Width % settings.Stride.Width);
        var y = Op.Apply(new ConvTranspose2dOp(settings, extra), x, weight);
        if (bias is not null) y += bias.Reshape(-1, 1, 1);
        return Epilogue.Apply(activation, y);
    }
}

/// <summary>y such that ⟨y, z⟩ = ⟨x, w ⋆ z⟩ for every z: the convolution's backward pass run forward, and the other way round.</summary>
internal sealed class ConvTranspose2dOp(ConvSettings settings, Pair outputPadding) : Op
{
    /// <summary>The convolution from y to x.</summary>
    private Conv2dSizes sizes;

    public override string Name => "ConvTranspose2d";

    public override string Attributes => $"{settings}{(outputPadding == 0 ? "" : $", outputPadding={outputPadding}")}";

    public override long Flops => sizes.Flops;

    public override Tensor Forward()
    {
        Tensor x = Input(0), w = Input(1);
        int height = (int)Size(0, settings, outputPadding, x, w), width = (int)Size(1, settings, outputPadding, x, w);
        var shape = new Shape(x.Shape[0], w.Shape[1] * settings.Groups, height, width);
        sizes = settings.Sizes(shape[0], shape[1], height, width, x.Shape[1], w.Shape[2], w.Shape[3]);
        var y = NewTensor(shape);
        x.Device.Conv2dBackwardInput(w.View, x.View, y.View, sizes);
        Save(x);
        Save(w);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), w = Saved(1);
        Tensor? dx = null, dw = null;
        if (Needs(0))
        {
            dx = Tensor.Empty(x.Shape, x.Device, op: Name);
            x.Device.Conv2dForward(dy.View, w.View, dx.View, sizes);
        }
        if (Needs(1))
        {
            dw = Tensor.Empty(w.Shape, w.Device, op: Name);
            x.Device.Conv2dBackwardWeight(dy.View, x.View, dw.View, sizes);
        }
        return [dx, dw];
    }

    /// <summary>Refuses what does not fit together.</summary>
    /// <returns>The output's padding.</returns>
    public static Pair Require(ConvSettings settings, Tensor x, Tensor w, Tensor? bias, Pair outputPadding)
    {
        const string op = nameof(Tensor.ConvTranspose2d);
        settings.Require(x, w, "(C, K/groups, R, S)");
        outputPadding.AtLeast(0, op, "output's padding");
        int c = x.Shape[1], groups = settings.Groups;
        if (groups < 1 || c % groups != 0)
            throw new ShapeException($"{op}: {groups} groups do not divide the input's {c} channels ({x.Describe()}, {w.Describe()}). Choose a divisor of them.");
        if (w.Shape[0] != c)
            throw new ShapeException($"{op}: the input {x.Describe()} has {c} channels and the weight {w.Describe()} takes {w.Shape[0]}. The weight must be ({c}, K/groups, R, S), the input's channels first.");
        if ((long)w.Shape[1] * groups > int.MaxValue) throw new ShapeException($"{op}: the weight {w.Describe()} in {groups} groups makes more channels than there may be.");
        settings.RequireBias(bias, w, w.Shape[1] * groups);
        if (x.Shape[2] < 1 || x.Shape[3] < 1) throw new ShapeException($"{op}: the images of {x.Describe()} are empty. Leave them out.");
        if (outputPadding.Height >= Math.Max(settings.Stride.Height, settings.Dilation.Height) || outputPadding.Width >= Math.Max(settings.Stride.Width, settings.Dilation.Width))
            throw new ShapeException($"{op}: the output's padding {outputPadding} must be under the stride {settings.Stride} or the dilation {settings.Dilation}. Use Pad for zeros beyond that.");
        long height = Size(0, settings, outputPadding, x, w), width = Size(1, settings, outputPadding, x, w);
        if (height < 1 || width < 1)
            throw new ShapeException($"{op}: the padding {settings.Padding} leaves nothing of a result of {height + 2L * settings.Padding.Height}×{width + 2L * settings.Padding.Width} for the input {x.Describe()} and the weight {w.Describe()}. Pad less.");
        if (height > int.MaxValue || width > int.MaxValue)
            throw new ShapeException($"{op}: the result of {x.Describe()} with stride {settings.Stride} is {height:N0}×{width:N0}, more than an axis holds. Use a smaller stride.");
        return outputPadding;
    }

    /// <summary>Height (0) or width (1) of the result.</summary>
    private static long Size(int way, ConvSettings settings, Pair outputPadding, Tensor x, Tensor w)
    {
        long Of(Pair pair) => way == 0 ? pair.Height : pair.Width;
        return (x.Shape[2 + way] - 1L) * Of(settings.Stride) - 2 * Of(settings.Padding) + Of(settings.Dilation) * (w.Shape[2 + way] - 1) + Of(outputPadding) + 1;
    }
}
