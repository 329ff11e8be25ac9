namespace Engine.Kernels;

/// <summary>A part of a convolution's results that is computed at a time: whole images, or rows of one image.</summary>
internal readonly record struct ConvBlock(int Image, int Images, int Row, int Rows);

/// <summary>A convolution's results, cut into blocks by their sizes alone.</summary>
internal readonly record struct ConvBlocks(int N, int P, int Images, int Rows)
{
    /// <summary>Blocks of about <paramref name="pixels"/> results of each filter at most.</summary>
    public static ConvBlocks Cut(Conv2dSizes z, int pixels) => z.Pixels > pixels
        ? new ConvBlocks(z.N, z.P, 1, Gemm.Even(z.P, Math.Max(1, pixels / z.Q)))
        : new ConvBlocks(z.N, z.P, SmallImages(z), z.P);

    // Small images are put together, for their few pixels would not fill the vectors: a vector full at least, four where images are many.
    private static int SmallImages(Conv2dSizes z)
    {
        int least = (16 + z.Pixels - 1) / z.Pixels, most = (64 + z.Pixels - 1) / z.Pixels;
        return Math.Min(z.N, Math.Clamp(z.N / 16, least, most));
    }

    public int Count => ImageSteps * RowSteps;

    private int ImageSteps => (N + Images - 1) / Images;

    private int RowSteps => (P + Rows - 1) / Rows;

    public ConvBlock this[int i]
    {
        get
        {
            int image = i / RowSteps * Images, row = i % RowSteps * Rows;
            return new ConvBlock(image, Math.Min(Images, N - image), row, Math.Min(Rows, P - row));
        }
    }
}
