using Engine.Core;

namespace Engine.Layers;

/// <summary>The largest number of each of as many windows as the result is to have, channel by channel: (N, C, H, W) to (N, C, P, Q).</summary>
/// <param name="outputSize">Height P and width Q of the result.</param>
public sealed class AdaptiveMaxPool2d(Pair outputSize) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => Pairs.Both(outputSize);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.AdaptiveMaxPool2d(outputSize);
}

/// <summary>The mean of each of as many windows as the result is to have, channel by channel: (N, C, H, W) to (N, C, P, Q).</summary>
/// <param name="outputSize">Height P and width Q of the result.</param>
public sealed class AdaptiveAvgPool2d(Pair outputSize) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => Pairs.Both(outputSize);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.AdaptiveAvgPool2d(outputSize);
}

/// <summary>The largest number of each channel: (N, C, H, W) to (N, C).</summary>
/// <param name="keepDims">Keep height and width, of size 1.</param>
public sealed class GlobalMaxPool2d(bool keepDims = false) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => keepDims ? "keepDims" : "";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.GlobalMaxPool2d(keepDims);
}

/// <summary>The mean of each channel: (N, C, H, W) to (N, C).</summary>
/// <param name="keepDims">Keep height and width, of size 1.</param>
public sealed class GlobalAvgPool2d(bool keepDims = false) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => keepDims ? "keepDims" : "";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.GlobalAvgPool2d(keepDims);
}
