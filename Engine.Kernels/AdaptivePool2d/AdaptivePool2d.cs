namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y = the largest number of each window. A NaN in the window is the result.</summary>
    /// <param name="x">Float32, (Planes, H, W).</param>
    /// <param name="y">Float32, (Planes, P, Q).</param>
    /// <param name="argmax">Int32, (Planes, P, Q): where each came from, h·W + w within its plane; of equal ones the first.</param>
    /// <param name="sizes">The sizes.</param>
    public void AdaptiveMaxPool2dForward(View x, View y, View argmax, AdaptivePool2dSizes sizes)
    {
        sizes.Require(nameof(AdaptiveMaxPool2dForward));
        Check(x, DType.Float32, sizes.InputCount);
        Check(y, DType.Float32, sizes.OutputCount);
        Check(argmax, DType.Int32, sizes.OutputCount);
        if (y.Length > 0) AdaptiveMaxPool2dForwardCore(x, y, argmax, sizes);
        Done(nameof(AdaptiveMaxPool2dForward), x, y, argmax);
    }

    /// <summary>y = the mean of each window.</summary>
    /// <param name="x">Float32, (Planes, H, W).</param>
    /// <param name="y">Float32, (Planes, P, Q).</param>
    /// <param name="sizes">The sizes.</param>
    public void AdaptiveAvgPool2dForward(View x, View y, AdaptivePool2dSizes sizes)
    {
        sizes.Require(nameof(AdaptiveAvgPool2dForward));
        Check(x, DType.Float32, sizes.InputCount);
        Check(y, DType.Float32, sizes.OutputCount);
        if (y.Length > 0) AdaptiveAvgPool2dForwardCore(x, y, sizes);
        Done(nameof(AdaptiveAvgPool2dForward), x, y);
    }

    /// <summary>dx[i] = Σ of dy over the windows that hold x[i], each over its window's size.</summary>
    /// <param name="dy">Float32, (Planes, P, Q).</param>
    /// <param name="dx">Float32, (Planes, H, W).</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    public void AdaptiveAvgPool2dBackward(View dy, View dx, AdaptivePool2dSizes sizes)
    {
        sizes.Require(nameof(AdaptiveAvgPool2dBackward));
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(dx, DType.Float32, sizes.InputCount);
        if (dx.Length > 0) AdaptiveAvgPool2dBackwardCore(dy, dx, sizes);
        Done(nameof(AdaptiveAvgPool2dBackward), dy, dx);
    }

    private protected abstract void AdaptiveMaxPool2dForwardCore(View x, View y, View argmax, AdaptivePool2dSizes sizes);

    private protected abstract void AdaptiveAvgPool2dForwardCore(View x, View y, AdaptivePool2dSizes sizes);

    private protected abstract void AdaptiveAvgPool2dBackwardCore(View dy, View dx, AdaptivePool2dSizes sizes);
}
