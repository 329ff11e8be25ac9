using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>2-D cross-correlation, which the field calls convolution, over images (N, C, H, W).</summary>
    /// <param name="weight">Filters, (K, C/groups, R, S), on this tensor's device.</param>
    /// <param name="bias">(K), added to each channel of the result.</param>
    /// <param name="stride">Pixels from one window to the next; 1 unless given.</param>
    /// <param name="padding">Zeros added on each side; 0 unless given.</param>
    /// <param name="dilation">Pixels from one tap of a filter to the next; 1 unless given.</param>
    /// <param name="groups">Cuts the channels into parts that do not see one another; C for a depthwise convolution.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <returns>(N, K, P, Q) with P = ⌊(H + 2·padding − dilation·(R − 1) − 1) / stride⌋ + 1, Q likewise.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W), channels and weight disagree, groups do not divide them, or the
    /// window is larger than the padded image.</exception>
    /// <remarks>Gradients: dx is the transposed convolution of dy with the filters, dw the correlation of x with dy, dbias the sum of dy over
    /// images and pixels, where dy is first passed through the activation's derivative. Source: Dumoulin and Visin 2016, arXiv:1603.07285.</remarks>
    public Tensor Conv2d(Tensor weight, Tensor? bias = null, Pair? stride = null, Pair? padding = null, Pair? dilation = null, int groups = 1,
        Activation activation = Activation.None)
        => Op.Apply(new Conv2dOp(new ConvSettings("Conv2d", stride ?? 1, padding ?? 0, dilation ?? 1, groups), activation), this, weight, bias);
}

/// <summary>y = activation(w ⋆ x + bias).</summary>
internal sealed class Conv2dOp(ConvSettings settings, Activation activation) : Op
{
    private Conv2dSizes sizes;

    public override string Name => "Conv2d";

    public override string Attributes => $"{settings}{(activation == Activation.None ? "" : $", activation={activation}")}";

    public override long Flops => sizes.Flops;

    public override Tensor Forward()
    {
        Tensor x = Input(0), w = Input(1);
        var bias = OptionalInput(2);
        sizes = Sizes(x, w, bias);
        var y = NewTensor([sizes.N, sizes.K, sizes.P, sizes.Q]);
        var fused = Epilogue.InKernel(activation, Recording);
        x.Device.Conv2dForward(x.View, w.View, y.View, sizes, bias?.View, fused);
        Save(x);
        Save(w);
        return Epilogue.Finish(activation, fused, y, this);
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), w = Saved(1);
        var dz = activation == Activation.None ? dy : Epilogue.Backward(activation, Saved(2), dy);
        Tensor? dx = null, dw = null, db = null;
        if (Needs(0))
        {
            dx = Tensor.Empty(x.Shape, x.Device, op: Name);
            x.Device.Conv2dBackwardInput(w.View, dz.View, dx.View, sizes);
        }
        if (Needs(1))
        {
            dw = Tensor.Empty(w.Shape, w.Device, op: Name);
            x.Device.Conv2dBackwardWeight(x.View, dz.View, dw.View, sizes);
        }
        if (Needs(2))
        {
            db = Tensor.Empty([sizes.K], x.Device, op: Name);
            x.Device.Conv2dBackwardBias(dz.View, db.View, sizes);
        }
        Epilogue.End(dz, dy);
        return [dx, dw, db];
    }

    private Conv2dSizes Sizes(Tensor x, Tensor w, Tensor? bias)
    {
        settings.Require(x, w, "(K, C/groups, R, S)");
        int c = x.Shape[1], k = w.Shape[0], r = w.Shape[2], s = w.Shape[3], groups = settings.Groups;
        if (groups < 1 || c % groups != 0 || k % groups != 0)
            throw new ShapeException($"Conv2d: {groups} groups divide neither or only one of the input's {c} channels and the weight's {k} filters ({x.Describe()}, {w.Describe()}). Choose a divisor of both.");
        if (w.Shape[1] * groups != c)
            throw new ShapeException($"Conv2d: the input {x.Describe()} has {c} channels and the weight {w.Describe()} takes {w.Shape[1]}{(groups > 1 ? $" in each of {groups} groups" : "")}. The weight must be (K, {c / groups}, R, S){(c == w.Shape[3] ? ", and the input (N, C, H, W), channels first" : "")}.");
        settings.RequireBias(bias, w, k);
        var found = settings.Sizes(x.Shape[0], c, x.Shape[2], x.Shape[3], k, r, s);
        if (found.P < 1 || found.Q < 1)
            throw new ShapeException($"Conv2d: a window of {settings.Window(r, s)} (weight {w.Describe()}, dilation {settings.Dilation}) does not fit the input {x.Describe()} with padding {settings.Padding}. Pad more, or use a smaller kernel.");
        return found;
    }
}
