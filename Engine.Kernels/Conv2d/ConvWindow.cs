using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A copy of what a block's results see of some channels of x, padding included: (channels, images, rows, columns). Rows and columns
/// that lie a stride apart are neighbours in it, so for every tap of a filter neighbouring results read neighbours.</summary>
internal readonly unsafe struct ConvWindow
{
    /// <summary>Numbers that may be read past the end.</summary>
    public const int Slack = Vector;

    private const int Vector = 16;

    private readonly Conv2dSizes z;
    private readonly ConvBlock block;
    // A phase is the rows, or columns, whose numbers leave the same remainder by the stride.
    private readonly int rowPhases, phaseHeight, columnPhases, phaseWidth;

    public ConvWindow(Conv2dSizes z, ConvBlock block)
    {
        (this.z, this.block) = (z, block);
        int down = (z.R - 1) * z.DilationH, right = (z.S - 1) * z.DilationW;
        (rowPhases, phaseHeight) = (Math.Min(z.StrideH, down + 1), block.Rows + down / z.StrideH);
        (columnPhases, phaseWidth) = (Math.Min(z.StrideW, right + 1), z.Q + right / z.StrideW);
        RowStep = columnPhases * phaseWidth;
        ImageStep = rowPhases * phaseHeight * RowStep;
        ChannelStep = block.Images * ImageStep;
        // Where nothing lies between two rows, or two images, they are one long row.
        bool oneRow = RowStep == z.Q, oneImage = oneRow && ImageStep == block.Rows * z.Q;
        (Images, Rows, Columns) = oneImage ? (1, 1, block.Images * block.Rows * z.Q) : oneRow ? (block.Images, 1, block.Rows * z.Q) : (block.Images, block.Rows, z.Q);
    }

    /// <summary>The walk over a block's results: images of rows of columns, a step from each to the next.</summary>
    public int Images { get; }

    /// <inheritdoc cref="Images"/>
    public int Rows { get; }

    /// <inheritdoc cref="Images"/>
    public int Columns { get; }

    public int RowStep { get; }

    public int ImageStep { get; }

    public int ChannelStep { get; }

    /// <summary>Where the first result reads tap (c, r, s), counted from the first channel copied.</summary>
    public int Offset(int tap)
    {
        int s = tap % z.S * z.DilationW, r = tap / z.S % z.R * z.DilationH, c = tap / z.S / z.R;
        return c * ChannelStep + (r % z.StrideH * phaseHeight + r / z.StrideH) * RowStep + s % z.StrideW * phaseWidth + s / z.StrideW;
    }

    /// <summary>Copies channels of x.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">How many.</param>
    /// <param name="window">Where to.</param>
    /// <param name="padding">What lies outside of x.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(float* x, int channel, int channels, float* window, float padding = 0)
    {
        bool whole = z.StrideH == 1 && columnPhases == 1 && z.StrideW == 1 && z.PadW == 0 && phaseWidth == z.W;
        for (int c = channel; c < channel + channels; c++)
            for (int n = block.Image; n < block.Image + block.Images; n++)
            {
                float* plane = x + ((long)n * z.C + c) * z.H * z.W;
                for (int phase = 0; phase < rowPhases; phase++, window += phaseHeight * RowStep)
                {
                    // Row i of this phase is row i·stride + top of x.
                    int top = block.Row * z.StrideH + phase - z.PadH;
                    var (first, last) = Inside(-top, z.StrideH, z.H, phaseHeight);
                    new Span<float>(window, first * RowStep).Fill(padding);
                    if (whole) new Span<float>(plane + (long)(top + first) * z.W, (last - first) * z.W).CopyTo(new(window + first * RowStep, (last - first) * RowStep));
                    else
                        for (int i = first; i < last; i++) FillRow(plane + (long)(i * z.StrideH + top) * z.W, window + i * RowStep, padding);
                    new Span<float>(window + last * RowStep, (phaseHeight - last) * RowStep).Fill(padding);
                }
            }
    }

    /// <summary>The i in 0..count−1 for which 0 ≤ i·stride − shift &lt; size: from the first to before the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int First, int Last) Inside(int shift, int stride, int size, int count)
    {
        int first = Math.Clamp((shift + stride - 1) / stride, 0, count);
        return (first, Math.Clamp((size - 1 + shift + stride) / stride, first, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillRow(float* row, float* to, float padding)
    {
        if (z.StrideW == 2 && columnPhases == 2 && Strided.Splits)
        {
            SplitRow(row, to, padding);
            return;
        }
        for (int phase = 0; phase < columnPhases; phase++, to += phaseWidth)
        {
            // Column i of this phase is column i·stride − shift of x.
            int shift = z.PadW - phase;
            var (first, last) = Inside(shift, z.StrideW, z.W, phaseWidth);
            for (int i = 0; i < first; i++) to[i] = padding;
            Strided.Load(row + first * z.StrideW - shift, z.StrideW, last - first, to + first);
            for (int i = last; i < phaseWidth; i++) to[i] = padding;
        }
    }

    // Both phases of a stride of 2 in one pass.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SplitRow(float* row, float* to, float padding)
    {
        float* second = to + phaseWidth;
        var (first0, last0) = Inside(z.PadW, 2, z.W, phaseWidth);
        var (first1, last1) = Inside(z.PadW - 1, 2, z.W, phaseWidth);
        // The first column of x is in the first phase, or else in the second.
        if (z.PadW % 2 == 0) Strided.Split(row, to + first0, last0 - first0, second + first1, last1 - first1);
        else Strided.Split(row, second + first1, last1 - first1, to + first0, last0 - first0);
        for (int i = 0; i < first0; i++) to[i] = padding;
        for (int i = last0; i < phaseWidth; i++) to[i] = padding;
        for (int i = 0; i < first1; i++) second[i] = padding;
        for (int i = last1; i < phaseWidth; i++) second[i] = padding;
    }

    /// <summary>Spreads a window out into a matrix of a row for each tap and a column for each result. Whole vectors are written: the numbers
    /// after a row's last are unset.</summary>
    /// <param name="window">Filled.</param>
    /// <param name="taps">Rows of the matrix.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="step">From one row of it to the next: at least a vector more than the results.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Spread(float* window, int taps, float* matrix, int step)
    {
        for (int tap = 0; tap < taps; tap++, matrix += step)
        {
            float* from = window + Offset(tap), to = matrix;
            for (int n = 0; n < Images; n++, from += ImageStep)
            {
                float* row = from;
                for (int p = 0; p < Rows; p++, row += RowStep, to += Columns)
                    for (int q = 0; q < Columns; q += Vector) Vector512.Load(row + q).Store(to + q);
            }
        }
    }
}
