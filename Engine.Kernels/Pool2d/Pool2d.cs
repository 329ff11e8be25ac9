namespace Engine.Kernels;

/// <summary>The sizes of a 2-D pooling: x is (Planes, H, W) and y (Planes, P, Q), one plane for each image and channel.</summary>
/// <param name="Planes">Images times channels.</param>
/// <param name="H">Height of x.</param>
/// <param name="W">Width of x.</param>
/// <param name="R">Height of a window.</param>
/// <param name="S">Width of a window.</param>
/// <param name="StrideH">Rows of x from one window to the next.</param>
/// <param name="StrideW">Columns of x from one window to the next.</param>
/// <param name="PadH">Rows added above and below x; at most R / 2, so that every window holds a number of x.</param>
/// <param name="PadW">Columns added left and right of x; at most S / 2.</param>
public readonly record struct Pool2dSizes(int Planes, int H, int W, int R, int S, int StrideH, int StrideW, int PadH = 0, int PadW = 0)
{
    /// <summary>Height of y: ⌊(H + 2·PadH − R) / StrideH⌋ + 1, or 0 where the window does not fit.</summary>
    public int P => H + 2 * PadH < R ? 0 : (H + 2 * PadH - R) / StrideH + 1;

    /// <summary>Width of y, likewise.</summary>
    public int Q => W + 2 * PadW < S ? 0 : (W + 2 * PadW - S) / StrideW + 1;

    internal int InputCount => Planes * H * W;

    internal int OutputCount => Planes * P * Q;

    /// <summary>The convolution whose windows are these: each plane an image of one channel.</summary>
    internal Conv2dSizes AsConvolution => new(Planes, 1, H, W, 1, R, S, StrideH, StrideW, PadH, PadW);

    /// <summary>Refuses sizes that are no pooling.</summary>
    internal void Require(string kernel)
    {
        if (Planes < 0 || H < 0 || W < 0 || R < 1 || S < 1 || StrideH < 1 || StrideW < 1 || PadH < 0 || PadW < 0 || PadH > R / 2 || PadW > S / 2)
            throw new ArgumentException($"{kernel}: {this} is no pooling: window and strides must be at least 1, and padding at most half of the window.");
    }
}

public abstract partial class Device
{
    /// <summary>y = the largest number of each window. A NaN in the window is the result; padding counts as −∞.</summary>
    /// <param name="x">Float32, (Planes, H, W).</param>
    /// <param name="y">Float32, (Planes, P, Q).</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="argmax">Int32, (Planes, P, Q): where each came from, h·W + w within its plane; of equal ones the first. Nothing if no
    /// gradient is wanted.</param>
    public void MaxPool2dForward(View x, View y, Pool2dSizes sizes, View? argmax = null)
    {
        sizes.Require(nameof(MaxPool2dForward));
        Check(x, DType.Float32, sizes.InputCount);
        Check(y, DType.Float32, sizes.OutputCount);
        if (argmax is { } given) Check(given, DType.Int32, sizes.OutputCount);
        if (y.Length > 0) MaxPool2dForwardCore(x, y, sizes, argmax);
        Done(nameof(MaxPool2dForward), x, y, argmax ?? default);
    }

    /// <summary>dx[i] = Σ of dy over the windows whose largest number was x[i].</summary>
    /// <param name="argmax">Int32, (Planes, P, Q), from the forward pass.</param>
    /// <param name="dy">Float32, (Planes, P, Q).</param>
    /// <param name="dx">Float32, (Planes, H, W).</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    public void MaxPool2dBackward(View argmax, View dy, View dx, Pool2dSizes sizes)
    {
        sizes.Require(nameof(MaxPool2dBackward));
        Check(argmax, DType.Int32, sizes.OutputCount);
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(dx, DType.Float32, sizes.InputCount);
        if (dx.Length > 0) MaxPool2dBackwardCore(argmax, dy, dx, sizes);
        Done(nameof(MaxPool2dBackward), argmax, dy, dx);
    }

    /// <summary>y = the sum of each window over its size.</summary>
    /// <param name="x">Float32, (Planes, H, W).</param>
    /// <param name="y">Float32, (Planes, P, Q).</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="countPadding">Divide by R · S everywhere; else by how many numbers of x the window holds.</param>
    public void AvgPool2dForward(View x, View y, Pool2dSizes sizes, bool countPadding)
    {
        sizes.Require(nameof(AvgPool2dForward));
        Check(x, DType.Float32, sizes.InputCount);
        Check(y, DType.Float32, sizes.OutputCount);
        if (y.Length > 0) AvgPool2dForwardCore(x, y, sizes, countPadding);
        Done(nameof(AvgPool2dForward), x, y);
    }

    /// <summary>dx[i] = Σ of dy over the windows that hold x[i], each over its window's size.</summary>
    /// <param name="dy">Float32, (Planes, P, Q).</param>
    /// <param name="dx">Float32, (Planes, H, W).</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    /// <param name="countPadding">As in the forward pass.</param>
    public void AvgPool2dBackward(View dy, View dx, Pool2dSizes sizes, bool countPadding)
    {
        sizes.Require(nameof(AvgPool2dBackward));
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(dx, DType.Float32, sizes.InputCount);
        if (dx.Length > 0) AvgPool2dBackwardCore(dy, dx, sizes, countPadding);
        Done(nameof(AvgPool2dBackward), dy, dx);
    }

    private protected abstract void MaxPool2dForwardCore(View x, View y, Pool2dSizes sizes, View? argmax);

    private protected abstract void MaxPool2dBackwardCore(View argmax, View dy, View dx, Pool2dSizes sizes);

    private protected abstract void AvgPool2dForwardCore(View x, View y, Pool2dSizes sizes, bool countPadding);

    private protected abstract void AvgPool2dBackwardCore(View dy, View dx, Pool2dSizes sizes, bool countPadding);
}
