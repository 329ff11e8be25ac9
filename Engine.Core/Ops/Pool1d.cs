namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The largest number of each window of sequences (N, C, L).</summary>
    /// <param name="kernelSize">The window.</param>
    /// <param name="stride">Steps from one window to the next; the window's size unless given.</param>
    /// <param name="padding">Steps of −∞ added on each side; at most half of the window.</param>
    /// <returns>(N, C, Q) with Q = ⌊(L + 2·padding − kernelSize) / stride⌋ + 1.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, L) with L at least 1, or the window does not fit.</exception>
    /// <remarks>A NaN in a window is its result. Gradient: dy goes to the number that was the largest, the first of equal ones.</remarks>
    public Tensor MaxPool1d(int kernelSize, int? stride = null, int padding = 0)
        => Sequenced(Rows(nameof(MaxPool1d), kernelSize, stride, padding).MaxPool2d((1, kernelSize), (1, stride ?? kernelSize), (0, padding)));

    /// <summary>The mean of each window of sequences (N, C, L).</summary>
    /// <param name="kernelSize">The window.</param>
    /// <param name="stride">Steps from one window to the next; the window's size unless given.</param>
    /// <param name="padding">Zeros added on each side; at most half of the window.</param>
    /// <param name="countPadding">Count those zeros in the mean; else a window's sum is divided by how many steps it holds.</param>
    /// <returns>(N, C, Q) with Q = ⌊(L + 2·padding − kernelSize) / stride⌋ + 1.</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, L) with L at least 1, or the window does not fit.</exception>
    /// <remarks>Gradient: dy goes to each number of the window, divided as in the mean.</remarks>
    public Tensor AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool countPadding = true)
        => Sequenced(Rows(nameof(AvgPool1d), kernelSize, stride, padding).AvgPool2d((1, kernelSize), (1, stride ?? kernelSize), (0, padding), countPadding));

    /// <summary>The largest number of each channel of sequences (N, C, L): max over time.</summary>
    /// <param name="lengths">Steps of each sequence; what lies past them does not count. All are L long unless given.</param>
    /// <param name="keepDims">Keep L, of size 1.</param>
    /// <returns>(N, C), or (N, C, 1).</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, L) with L at least 1, or the lengths are not one for each sequence.</exception>
    /// <exception cref="SequenceException">A length is under 1 or over L.</exception>
    /// <remarks>A NaN in a channel is its result. Gradient: dy to the largest number; several that are equal share it evenly, as in Keras.
    /// Source: Collobert et al. 2011, "Natural language processing (almost) from scratch".</remarks>
    public Tensor GlobalMaxPool1d(IReadOnlyList<int>? lengths = null, bool keepDims = false)
        => Sequences.Fill(nameof(GlobalMaxPool1d), this, lengths, double.NegativeInfinity).Max([2], keepDims);

    /// <summary>The mean of each channel of sequences (N, C, L).</summary>
    /// <param name="lengths">Steps of each sequence; what lies past them does not count. All are L long unless given.</param>
    /// <param name="keepDims">Keep L, of size 1.</param>
    /// <returns>(N, C), or (N, C, 1).</returns>
    /// <exception cref="ShapeException">This tensor is not (N, C, L) with L at least 1, or the lengths are not one for each sequence.</exception>
    /// <exception cref="SequenceException">A length is under 1 or over L.</exception>
    /// <remarks>Gradient: dy over the sequence's length for each of its steps.</remarks>
    public Tensor GlobalAvgPool1d(IReadOnlyList<int>? lengths = null, bool keepDims = false)
    {
        var x = Sequences.Fill(nameof(GlobalAvgPool1d), this, lengths, 0);
        if (x == this) return Mean([2], keepDims);
        int[] each = keepDims ? [Shape[0], 1, 1] : [Shape[0], 1];
        return x.Sum([2], keepDims) / From([.. lengths!.Select(length => (float)length)], each, Device);
    }

    /// <summary>Images of one row, whose windows fit.</summary>
    private Tensor Rows(string op, int kernelSize, int? stride, int padding)
    {
        Sequences.Require(op, this);
        Sequences.AtLeast(op, "window", kernelSize, 1);
        Sequences.AtLeast(op, "stride", stride ?? kernelSize, 1);
        Sequences.AtLeast(op, "padding", padding, 0);
        if (padding > kernelSize / 2)
            throw new ShapeException($"{op}: the padding {padding} is more than half of the window {kernelSize}, so a window could hold nothing but padding. Pad less, or pad the input {this.Describe()} itself.");
        if (Shape[2] + 2L * padding < kernelSize)
            throw new ShapeException($"{op}: a window of {kernelSize} steps does not fit the input {this.Describe()} with padding {padding}. Pad more, or use a smaller window.");
        return Reshape(Shape[0], Shape[1], 1, Shape[2]);
    }

    private static Tensor Sequenced(Tensor rows) => rows.Reshape(rows.Shape[0], rows.Shape[1], rows.Shape[3]);
}
