using Engine.Core;

namespace Engine.Layers;

/// <summary>The largest number of each window, channel by channel: (N, C, H, W) to (N, C, P, Q).</summary>
/// <param name="kernelSize">Height and width of the window.</param>
/// <param name="stride">From one window to the next; the window's size unless given.</param>
/// <param name="padding">Around the image, on each side, never chosen; none unless given.</param>
public sealed class MaxPool2d(Pair kernelSize, Pair? stride = null, Pair? padding = null) : Layer
{
    /// <inheritdoc/>
    protected override string Settings
        => $"{Pairs.Both(kernelSize)}{Pairs.Words("stride", stride ?? kernelSize, kernelSize)}{Pairs.Words("padding", padding ?? 0, 0)}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.MaxPool2d(kernelSize, stride, padding);
}

/// <summary>The mean of each window, channel by channel: (N, C, H, W) to (N, C, P, Q).</summary>
/// <param name="kernelSize">Height and width of the window.</param>
/// <param name="stride">From one window to the next; the window's size unless given.</param>
/// <param name="padding">Zeros around the image, on each side; none unless given.</param>
/// <param name="countPadding">Whether those zeros count in the mean.</param>
public sealed class AvgPool2d(Pair kernelSize, Pair? stride = null, Pair? padding = null, bool countPadding = true) : Layer
{
    /// <inheritdoc/>
    protected override string Settings
        => $"{Pairs.Both(kernelSize)}{Pairs.Words("stride", stride ?? kernelSize, kernelSize)}{Pairs.Words("padding", padding ?? 0, 0)}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.AvgPool2d(kernelSize, stride, padding, countPadding);
}
