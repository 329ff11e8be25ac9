using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The largest number of each window of images (N, C, H, W).</summary>
    /// <param name="kernelSize">The window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size unless given.</param>
    /// <param name="padding">Pixels of −∞ added on each side; at most half of the window.</param>
    /// <returns>(N, C, P, Q) with P = ⌊(H + 2·padding − kernelSize) / stride⌋ + 1, Q likewise.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W), or the window does not fit.</exception>
    /// <remarks>A NaN in a window is its result. Gradient: dy goes to the number that was the largest, the first of equal ones.</remarks>
    public Tensor MaxPool2d(Pair kernelSize, Pair? stride = null, Pair? padding = null)
        => Op.Apply(new MaxPool2dOp(new PoolWindow("MaxPool2d", kernelSize, stride ?? kernelSize, padding ?? 0)), this);

    /// <summary>The mean of each window of images (N, C, H, W).</summary>
    /// <param name="kernelSize">The window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size unless given.</param>
    /// <param name="padding">Zeros added on each side; at most half of the window.</param>
    /// <param name="countPadding">Count those zeros in the mean; else a window's sum is divided by how many pixels it holds.</param>
    /// <returns>(N, C, P, Q) with P = ⌊(H + 2·padding − kernelSize) / stride⌋ + 1, Q likewise.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W), or the window does not fit.</exception>
    /// <remarks>Gradient: dy goes to each number of the window, divided as in the mean.</remarks>
    public Tensor AvgPool2d(Pair kernelSize, Pair? stride = null, Pair? padding = null, bool countPadding = true)
        => Op.Apply(new AvgPool2dOp(new PoolWindow("AvgPool2d", kernelSize, stride ?? kernelSize, padding ?? 0), countPadding), this);
}

/// <summary>The settings that both poolings share.</summary>
internal sealed record PoolWindow(string Op, Pair KernelSize, Pair Stride, Pair Padding)
{
    public Pool2dSizes Sizes(Tensor x)
    {
        Images.Require(Op, x);
        KernelSize.AtLeast(1, Op, "window");
        Stride.AtLeast(1, Op, "stride");
        Padding.AtLeast(0, Op, "padding");
        if (Padding.Height > KernelSize.Height / 2 || Padding.Width > KernelSize.Width / 2)
            throw new ShapeException($"{Op}: the padding {Padding} is more than half of the window {KernelSize}, so a window could hold nothing but padding. Pad less, or pad the input {x.Describe()} itself.");
        var found = new Pool2dSizes(x.Shape[0] * x.Shape[1], x.Shape[2], x.Shape[3], KernelSize.Height, KernelSize.Width, Stride.Height, Stride.Width,
            Padding.Height, Padding.Width);
        if (found.P < 1 || found.Q < 1)
            throw new ShapeException($"{Op}: a window of {KernelSize} does not fit the input {x.Describe()} with padding {Padding}. Pad more, or use a smaller window.");
        return found;
    }

    public Shape Result(Shape x, Pool2dSizes sizes) => [x[0], x[1], sizes.P, sizes.Q];

    public override string ToString() => $"kernelSize={KernelSize}, stride={Stride}, padding={Padding}";
}

/// <summary>y = max over each window.</summary>
internal sealed class MaxPool2dOp(PoolWindow window) : Op
{
    private Pool2dSizes sizes;

    public override string Name => "MaxPool2d";

    public override string Attributes => window.ToString();

    public override Tensor Forward()
    {
        var x = Input(0);
        sizes = window.Sizes(x);
        var y = NewTensor(window.Result(x.Shape, sizes));
        var argmax = Recording ? NewTensor(y.Shape, DType.Int32) : null;
        x.Device.MaxPool2dForward(x.View, y.View, sizes, argmax?.View);
        if (argmax is not null) Save(argmax, owned: true);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Empty(InputShape(0), dy.Device, op: Name);
        dy.Device.MaxPool2dBackward(Saved(0).View, dy.View, dx.View, sizes);
        return [dx];
    }
}

/// <summary>y = mean over each window.</summary>
internal sealed class AvgPool2dOp(PoolWindow window, bool countPadding) : Op
{
    private Pool2dSizes sizes;

    public override string Name => "AvgPool2d";

    public override string Attributes => $"{window}, countPadding={countPadding}";

    public override long Flops => (long)OutputShape.Count * sizes.R * sizes.S;

    public override Tensor Forward()
    {
        var x = Input(0);
        sizes = window.Sizes(x);
        var y = NewTensor(window.Result(x.Shape, sizes));
        x.Device.AvgPool2dForward(x.View, y.View, sizes, countPadding);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Empty(InputShape(0), dy.Device, op: Name);
        dy.Device.AvgPool2dBackward(dy.View, dx.View, sizes, countPadding);
        return [dx];
    }
}
