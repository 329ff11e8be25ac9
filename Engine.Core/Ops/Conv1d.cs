using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>1-D cross-correlation, which the field calls convolution, over sequences (N, C, L).</summary>
    /// <param name="weight">Filters, (K, C/groups, S), on this tensor's device.</param>
    /// <param name="bias">(K), added to each channel of the result.</param>
    /// <param name="stride">Steps from one window to the next.</param>
    /// <param name="padding">Zeros added on each side; dilation·(S − 1)/2 keeps the length where S is odd, which the field calls "same".</param>
    /// <param name="dilation">Steps from one tap of a filter to the next.</param>
    /// <param name="groups">Cuts the channels into parts that do not see one another; C for a depthwise convolution.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <returns>(N, K, Q) with Q = ⌊(L + 2·padding − dilation·(S − 1) − 1) / stride⌋ + 1.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, L) with L at least 1, channels and weight disagree, groups do not divide them, or
    /// the window is longer than the padded sequence.</exception>
    /// <remarks>It is <see cref="Conv2d"/> over images of one row, and so are its gradients.</remarks>
    public Tensor Conv1d(Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1, int groups = 1,
        Activation activation = Activation.None)
    {
        const string op = nameof(Conv1d);
        Sequences.Require(op, this);
        if (weight.Rank != 3) throw new ShapeException($"{op}: the weight {weight.Describe()} must be (K, C/groups, S).");
        int c = Shape[1], steps = Shape[2], k = weight.Shape[0], taps = weight.Shape[2];
        Sequences.AtLeast(op, "stride", stride, 1);
        Sequences.AtLeast(op, "padding", padding, 0);
        Sequences.AtLeast(op, "dilation", dilation, 1);
        Sequences.AtLeast(op, "window", taps, 1);
        if (groups < 1 || c % groups != 0 || k % groups != 0)
            throw new ShapeException($"{op}: {groups} groups divide neither or only one of the input's {c} channels and the weight's {k} filters ({this.Describe()}, {weight.Describe()}). Choose a divisor of both.");
        if (weight.Shape[1] * groups != c)
            throw new ShapeException($"{op}: the input {this.Describe()} has {c} channels and the weight {weight.Describe()} takes {weight.Shape[1]}{(groups > 1 ? $" in each of {groups} groups" : "")}.{(weight.Shape[1] * groups == steps ? " Permute(0, 2, 1) the input, (N, L, C), to channels before steps." : $" The weight must be (K, {c / groups}, S).")}");
        if (bias is not null && bias.Shape != [k])
            throw new ShapeException($"{op}: the bias {bias.Describe()} must be ({k}), one number a filter of the weight {weight.Describe()}.");
        long window = dilation * (taps - 1L) + 1;
        if (steps + 2L * padding < window)
            throw new ShapeException($"{op}: a window of {window} steps (weight {weight.Describe()}, dilation {dilation}) does not fit the input {this.Describe()} with padding {padding}. Pad by {window / 2} and every sequence fits, or use a smaller window.");
        var y = Reshape(Shape[0], c, 1, steps).Conv2d(weight.Reshape(k, c / groups, 1, taps), bias, (1, stride), (0, padding), (1, dilation), groups, activation);
        return y.Reshape(y.Shape[0], k, y.Shape[3]);
    }
}
