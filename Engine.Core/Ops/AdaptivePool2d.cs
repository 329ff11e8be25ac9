using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The largest number of each window of images (N, C, H, W), of as many windows as the result is to have.</summary>
    /// <param name="outputSize">Height P and width Q of the result, whatever the image's; each at least 1.</param>
    /// <returns>(N, C, P, Q). Window p covers rows ⌊p·H/P⌋ to before ⌈(p+1)·H/P⌉, columns likewise, as in PyTorch.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W) with H and W at least 1, or the size is under 1.</exception>
    /// <remarks>A NaN in a window is its result. Gradient: dy goes to the number that was the largest, the first of equal ones.</remarks>
    public Tensor AdaptiveMaxPool2d(Pair outputSize)
    {
        var sizes = AdaptivePool.Sizes(nameof(AdaptiveMaxPool2d), this, outputSize);
        return AdaptivePool.Even(sizes) is { } window ? MaxPool2d(window) : Op.Apply(new AdaptiveMaxPool2dOp(sizes), this);
    }

    /// <summary>The mean of each window of images (N, C, H, W), of as many windows as the result is to have.</summary>
    /// <param name="outputSize">Height P and width Q of the result, whatever the image's; each at least 1.</param>
    /// <returns>(N, C, P, Q). Window p covers rows ⌊p·H/P⌋ to before ⌈(p+1)·H/P⌉, columns likewise, as in PyTorch.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W) with H and W at least 1, or the size is under 1.</exception>
    /// <remarks>Gradient: dy goes to each number of the window, divided by how many there are.</remarks>
    public Tensor AdaptiveAvgPool2d(Pair outputSize)
    {
        var sizes = AdaptivePool.Sizes(nameof(AdaptiveAvgPool2d), this, outputSize);
        if (outputSize == 1) return Mean([2, 3], keepDims: true);
        return AdaptivePool.Even(sizes) is { } window ? AvgPool2d(window) : Op.Apply(new AdaptiveAvgPool2dOp(sizes), this);
    }

    /// <summary>The largest number of each channel of images (N, C, H, W).</summary>
    /// <param name="keepDims">Keep H and W, of size 1.</param>
    /// <returns>(N, C), or (N, C, 1, 1).</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W) with H and W at least 1.</exception>
    /// <remarks>A NaN in a channel is its result. Gradient: dy to the largest number; several that are equal share it evenly, as in Keras.</remarks>
    public Tensor GlobalMaxPool2d(bool keepDims = false)
    {
        AdaptivePool.Sizes(nameof(GlobalMaxPool2d), this, 1);
        return Max([2, 3], keepDims);
    }

    /// <summary>The mean of each channel of images (N, C, H, W).</summary>
    /// <param name="keepDims">Keep H and W, of size 1.</param>
    /// <returns>(N, C), or (N, C, 1, 1).</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, H, W) with H and W at least 1.</exception>
    /// <remarks>Gradient: dy / (H·W) for each pixel. Source: Lin, Chen and Yan 2013, "Network in network", arXiv:1312.4400.</remarks>
    public Tensor GlobalAvgPool2d(bool keepDims = false)
    {
        AdaptivePool.Sizes(nameof(GlobalAvgPool2d), this, 1);
        return Mean([2, 3], keepDims);
    }
}

/// <summary>What both adaptive poolings share.</summary>
internal static class AdaptivePool
{
    public static AdaptivePool2dSizes Sizes(string op, Tensor x, Pair outputSize)
    {
        Images.Require(op, x);
        outputSize.AtLeast(1, op, "output's size");
        if (x.Shape[2] < 1 || x.Shape[3] < 1) throw new ShapeException($"{op}: the images of {x.Describe()} are empty. Leave them out.");
        return new AdaptivePool2dSizes(x.Shape[0] * x.Shape[1], x.Shape[2], x.Shape[3], outputSize.Height, outputSize.Width);
    }

    /// <summary>The window of the ordinary pooling that does the same, where all windows are alike.</summary>
    public static Pair? Even(AdaptivePool2dSizes sizes)
        => sizes.H % sizes.P == 0 && sizes.W % sizes.Q == 0 ? new Pair(sizes.H / sizes.P, sizes.W / sizes.Q) : null;
}

/// <summary>y = max over each window.</summary>
internal sealed class AdaptiveMaxPool2dOp(AdaptivePool2dSizes sizes) : Op
{
    public override string Name => "AdaptiveMaxPool2d";

    public override string Attributes => $"outputSize={new Pair(sizes.P, sizes.Q)}";

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor([x.Shape[0], x.Shape[1], sizes.P, sizes.Q]);
        var argmax = NewTensor(y.Shape, DType.Int32);
        x.Device.AdaptiveMaxPool2dForward(x.View, y.View, argmax.View, sizes);
        Save(argmax, owned: true);
        return y;
    }

    // Each result's number names its place within the plane.
    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Zeros(InputShape(0), dy.Device);
        var places = AlongSizes.Merge([sizes.Planes, sizes.P * sizes.Q], [sizes.Planes, sizes.H * sizes.W], 1);
        dy.Device.ScatterAdd(dy.View, Saved(0).View, dx.View, places);
        return [dx];
    }
}

/// <summary>y = mean over each window.</summary>
internal sealed class AdaptiveAvgPool2dOp(AdaptivePool2dSizes sizes) : Op
{
    public override string Name => "AdaptiveAvgPool2d";

    public override string Attributes => $"outputSize={new Pair(sizes.P, sizes.Q)}";

    public override long Flops => InputShape(0).Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor([x.Shape[0], x.Shape[1], sizes.P, sizes.Q]);
        x.Device.AdaptiveAvgPool2dForward(x.View, y.View, sizes);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Empty(InputShape(0), dy.Device, op: Name);
        dy.Device.AdaptiveAvgPool2dBackward(dy.View, dx.View, sizes);
        return [dx];
    }
}
