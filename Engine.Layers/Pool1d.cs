using Engine.Core;

namespace Engine.Layers;

/// <summary>The largest number of each window, channel by channel: (N, C, L) to (N, C, Q).</summary>
/// <remarks>Where the pass has <see cref="Pass.Lengths"/>, what lies past a sequence's end is never chosen.</remarks>
public sealed class MaxPool1d : Layer
{
    private readonly int kernelSize, stride, padding;

    /// <summary>A layer that pools.</summary>
    /// <param name="kernelSize">Steps of the window.</param>
    /// <param name="stride">From one window to the next; the window's size unless given.</param>
    /// <param name="padding">Before and after each sequence, never chosen.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or the padding under 0.</exception>
    public MaxPool1d(int kernelSize, int? stride = null, int padding = 0)
    {
        (this.kernelSize, this.stride, this.padding) = (kernelSize, stride ?? kernelSize, padding);
        StepWindows.Require(this.stride, padding, kernelSize: kernelSize);
    }

    /// <inheritdoc/>
    protected override string Settings => $"{kernelSize}{Pairs.Words("stride", stride, kernelSize)}{Pairs.Words("padding", padding, 0)}";

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => StepWindows.After(lengths, kernelSize, stride, padding);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
        => (padding > 0 ? Sequences.Fill(nameof(MaxPool1d), x, pass.Lengths, double.NegativeInfinity) : x).MaxPool1d(kernelSize, stride, padding);
}

/// <summary>The mean of each window, channel by channel: (N, C, L) to (N, C, Q).</summary>
/// <remarks>Where the pass has <see cref="Pass.Lengths"/>, a sequence is padded from its own end on.</remarks>
public sealed class AvgPool1d : Layer
{
    private readonly int kernelSize, stride, padding;
    private readonly bool countPadding;

    /// <summary>A layer that pools.</summary>
    /// <param name="kernelSize">Steps of the window.</param>
    /// <param name="stride">From one window to the next; the window's size unless given.</param>
    /// <param name="padding">Zeros before and after each sequence.</param>
    /// <param name="countPadding">Whether those zeros count in the mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or the padding under 0.</exception>
    public AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool countPadding = true)
    {
        (this.kernelSize, this.stride, this.padding, this.countPadding) = (kernelSize, stride ?? kernelSize, padding, countPadding);
        StepWindows.Require(this.stride, padding, kernelSize: kernelSize);
    }

    /// <inheritdoc/>
    protected override string Settings
        => $"{kernelSize}{Pairs.Words("stride", stride, kernelSize)}{Pairs.Words("padding", padding, 0)}{(countPadding ? "" : ", padding not counted")}";

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => StepWindows.After(lengths, kernelSize, stride, padding);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (padding == 0 || pass.Lengths is not { } lengths) return x.AvgPool1d(kernelSize, stride, padding, countPadding);
        var y = Sequences.Fill(nameof(AvgPool1d), x, lengths, 0).AvgPool1d(kernelSize, stride, padding);
        if (countPadding) return y;
        // Which share of each window is steps: at least one, but past the end, where nothing counts.
        var share = Sequences.Fill(nameof(AvgPool1d), Tensor.Ones([x.Shape[0], 1, x.Shape[2]], x.Device), lengths, 0).AvgPool1d(kernelSize, stride, padding);
        return y / share.Clamp(1.0 / kernelSize, 1);
    }
}

/// <summary>The largest number of each channel, max over time: (N, C, L) to (N, C).</summary>
/// <param name="keepDims">Keep L, of size 1.</param>
/// <remarks>Where the pass has <see cref="Pass.Lengths"/>, what lies past a sequence's end does not count.</remarks>
public sealed class GlobalMaxPool1d(bool keepDims = false) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => keepDims ? "keepDims" : "";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.GlobalMaxPool1d(pass.Lengths, keepDims);

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;
}

/// <summary>The mean of each channel over time: (N, C, L) to (N, C).</summary>
/// <param name="keepDims">Keep L, of size 1.</param>
/// <remarks>Where the pass has <see cref="Pass.Lengths"/>, what lies past a sequence's end does not count.</remarks>
public sealed class GlobalAvgPool1d(bool keepDims = false) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => keepDims ? "keepDims" : "";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.GlobalAvgPool1d(pass.Lengths, keepDims);

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;
}
