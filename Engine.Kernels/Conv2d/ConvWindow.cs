using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A copy of what a block's results see of some channels of x, padding included: (channels, images, Height, Pitch). Columns that lie a
/// stride apart are neighbours in it, so for every tap of a filter a row of results reads a row of neighbours.</summary>
internal readonly unsafe struct ConvWindow
{
    /// <summary>Numbers that may be read past the end.</summary>
    public const int Slack = Vector;

    private const int Vector = 16;

    private readonly Conv2dSizes z;
    private readonly ConvBlock block;
    private readonly int phases, phaseWidth;

    public ConvWindow(Conv2dSizes z, ConvBlock block)
    {
        (this.z, this.block) = (z, block);
        int reach = (z.S - 1) * z.DilationW;
        phases = Math.Min(z.StrideW, reach + 1);
        phaseWidth = z.Q + reach / z.StrideW;
        Pitch = phases * phaseWidth;
        Height = (block.Rows - 1) * z.StrideH + (z.R - 1) * z.DilationH + 1;
        // Where nothing lies between two rows, or two images, they are one long row.
        bool oneRow = Pitch == z.Q && z.StrideH == 1, oneImage = oneRow && z.R == 1;
        (Images, Rows, Columns) = oneImage ? (1, 1, block.Images * block.Rows * z.Q) : oneRow ? (block.Images, 1, block.Rows * z.Q) : (block.Images, block.Rows, z.Q);
    }

    public int Height { get; }

    public int Pitch { get; }

    /// <summary>The walk over a block's results: this many images of rows of columns, ImageStep and RowStep apart.</summary>
    public int Images { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int ImageStep => Height * Pitch;

    public int RowStep => z.StrideH * Pitch;

    public int ChannelStep => block.Images * Height * Pitch;

    /// <summary>Where the first result reads tap (c, r, s), counted from the first channel copied.</summary>
    public int Offset(int tap)
    {
        int s = tap % z.S * z.DilationW, r = tap / z.S % z.R, c = tap / z.S / z.R;
        return c * ChannelStep + r * z.DilationH * Pitch + s % z.StrideW * phaseWidth + s / z.StrideW;
    }

    /// <summary>Copies channels of x.</summary>
    public void Fill(float* x, int channel, int channels, float* window)
    {
        int top = block.Row * z.StrideH - z.PadH;
        bool whole = phases == 1 && z.PadW == 0 && phaseWidth == z.W;
        for (int c = channel; c < channel + channels; c++)
            for (int n = block.Image; n < block.Image + block.Images; n++)
            {
                float* plane = x + ((long)n * z.C + c) * z.H * z.W;
                int first = Math.Clamp(-top, 0, Height), last = Math.Clamp(z.H - top, first, Height);
                new Span<float>(window, first * Pitch).Clear();
                if (whole) new Span<float>(plane + (long)(top + first) * z.W, (last - first) * z.W).CopyTo(new(window + first * Pitch, (last - first) * Pitch));
                else
                    for (int h = first; h < last; h++) FillRow(plane + (long)(top + h) * z.W, window + h * Pitch);
                new Span<float>(window + last * Pitch, (Height - last) * Pitch).Clear();
                window += ImageStep;
            }
    }

    private void FillRow(float* row, float* to)
    {
        for (int phase = 0; phase < phases; phase++, to += phaseWidth)
        {
            // Column i of this phase is column i·stride + phase − pad of x.
            int shift = z.PadW - phase;
            int first = Math.Clamp((shift + z.StrideW - 1) / z.StrideW, 0, phaseWidth);
            int last = Math.Clamp((z.W - 1 + shift + z.StrideW) / z.StrideW, first, phaseWidth);
            new Span<float>(to, first).Clear();
            if (z.StrideW == 1) new Span<float>(row + first - shift, last - first).CopyTo(new(to + first, last - first));
            else
                for (int i = first; i < last; i++) to[i] = row[i * z.StrideW - shift];
            new Span<float>(to + last, phaseWidth - last).Clear();
        }
    }

    /// <summary>Spreads a window out into a matrix of a row for each tap and a column for each result. Whole vectors are written: the numbers
    /// after a row's last are unset.</summary>
    /// <param name="window">Filled.</param>
    /// <param name="taps">Rows of the matrix.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="step">From one row of it to the next: at least a vector more than the results.</param>
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
