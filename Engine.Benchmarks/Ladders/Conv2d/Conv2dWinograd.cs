using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Winograd's F(2×2, 3×3): four pixels of 3×3 windows from 16 products instead of 36, for additions on the way in and out that channels and filters
/// share. What was one product of depth 9·C becomes sixteen of depth C.</summary>
/// <remarks>Source: Lavin and Gray 2015, arXiv:1509.09308.</remarks>
internal static unsafe class Conv2dWinograd
{
    private const int Squares = 16, Rows = MatMulRegisterTile.Rows, Columns = MatMulRegisterTile.Columns;

    // Y = Aᵀ[Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)]A for a square d of 4×4 pixels that begins at every other one, a filter g of 3×3, and Y of 2×2
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        var cut = new Cut(z);
        using Floats weights = new(cut.Weights), image = new(cut.Image);
        Weights(w, weights, z);
        for (int n = 0; n < z.N; n++)
        {
            Conv2dChannelsLast.TurnImage(x + n * z.C * z.H * z.W, image.At, cut.Height, z, cut.Width, cut.Channels);
            for (int band = 0; band < cut.Bands; band++) Band(image.At, weights.At, y + n * z.K * z.P * z.Q, z, band);
        }
    }

    /// <summary>How images are cut: into bands of about 32 squares, whose numbers stay in the second cache.</summary>
    public readonly struct Cut(Conv2dShape z)
    {
        public int Across => (z.Q + 1) / 2;

        public int Down => Math.Max(1, 32 / Across);

        public int Bands => ((z.P + 1) / 2 + Down - 1) / Down;

        public int Channels => MatMulPacked.Up(z.C, 16);

        public int Filters => MatMulPacked.Up(z.K, Columns);

        public int Width => 2 * Across + 2;

        public int Height => 2 * Bands * Down + 2;

        public int Image => Height * Width * Channels;

        public int Weights => Squares * Channels * Filters;
    }

    /// <summary>G g Gᵀ of all filters and channels, as 16 matrices of panels, (16, K/32, C, 32).</summary>
    public static void Weights(float* w, Floats weights, Conv2dShape z)
    {
        var cut = new Cut(z);
        weights.Span.Clear();
        float* half = stackalloc float[12];
        for (int k = 0; k < z.K; k++)
            for (int c = 0; c < z.C; c++)
            {
                float* g = w + (k * z.C + c) * 9, u = weights.At + (k / Columns * cut.Channels + c) * Columns + k % Columns;
                for (int s = 0; s < 3; s++) Expand(g[s], g[3 + s], g[6 + s], half + s, 3);
                for (int i = 0; i < 4; i++) Expand(half[3 * i], half[3 * i + 1], half[3 * i + 2], u + 4 * i * cut.Channels * cut.Filters, cut.Channels * cut.Filters);
            }

        static void Expand(float a, float b, float c, float* to, int step)
        {
            to[0] = a;
            to[step] = (a + b + c) / 2;
            to[2 * step] = (a - b + c) / 2;
            to[3 * step] = c;
        }
    }

    /// <summary>Some rows of an image's result.</summary>
    /// <param name="image">(height, width, channels), from <see cref="Conv2dChannelsLast.TurnImage"/>.</param>
    /// <param name="weights">From <see cref="Weights"/>.</param>
    /// <param name="y">The image's (K, P, Q).</param>
    /// <param name="z">The whole convolution.</param>
    /// <param name="band">Which.</param>
    public static void Band(float* image, float* weights, float* y, Conv2dShape z, int band)
    {
        var cut = new Cut(z);
        int across = cut.Across, channels = cut.Channels, filters = cut.Filters, count = cut.Down * across, padded = MatMulPacked.Up(count, Rows);
        using Floats d = new(Squares * padded * channels), m = new(Squares * padded * filters), pixels = new(4 * count * filters), half = new(16 * 16);
        d.Span.Clear();
        int first = band * cut.Down;
        for (int square = 0; square < count; square++)
        {
            float* corner = image + (2 * (first + square / across) * cut.Width + 2 * (square % across)) * channels;
            for (int c = 0; c < channels; c += 16) Spread(corner + c, cut.Width * channels, channels, half.At, d.At + square * channels + c, padded * channels);
        }
        for (int each = 0; each < Squares; each++)
            for (int k = 0; k < filters; k += Columns)
                for (int square = 0; square < padded; square += Rows)
                    MatMulRegisterTile.Tile(channels, d.At + (each * padded + square) * channels, channels, 1, weights + (each * filters + k) * channels, Columns,
                        m.At + (each * padded + square) * filters + k, filters, accumulate: false);
        for (int square = 0; square < count; square++)
        {
            float* corner = pixels.At + (2 * (square / across) * 2 * across + 2 * (square % across)) * filters;
            for (int k = 0; k < filters; k += 16) Gather(m.At + square * filters + k, padded * filters, half.At, corner + k, 2 * across * filters, filters);
        }
        for (int p = 2 * first; p < Math.Min(z.P, 2 * (first + cut.Down)); p++)
            Conv2dChannelsLast.TurnBack(pixels.At + (p - 2 * first) * 2 * across * filters, filters, y + p * z.Q, z, z.Q);
    }

    // Bᵀ d B of 16 channels, where Bᵀ takes (a, b, c, d) to (a − c, b + c, c − b, b − d)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(float* d, nint row, nint pixel, float* half, float* to, nint step)
    {
        for (int i = 0; i < 4; i++) Four(d + i * pixel, row, half + i * 16, 64);
        for (int i = 0; i < 4; i++) Four(half + i * 64, 16, to + 4 * i * step, step);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Four(float* from, nint fromStep, float* to, nint toStep)
        {
            Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + fromStep), c = Vector512.Load(from + 2 * fromStep), d = Vector512.Load(from + 3 * fromStep);
            (a - c).Store(to);
            (b + c).Store(to + toStep);
            (c - b).Store(to + 2 * toStep);
            (b - d).Store(to + 3 * toStep);
        }
    }

    // Aᵀ m A of 16 filters, where Aᵀ takes (a, b, c, d) to (a + b + c, b − c − d)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(float* m, nint step, float* half, float* to, nint row, nint pixel)
    {
        for (int i = 0; i < 4; i++) Two(m + i * step, 4 * step, half + i * 16, 64);
        for (int i = 0; i < 2; i++) Two(half + i * 64, 16, to + i * row, pixel);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Two(float* from, nint fromStep, float* to, nint toStep)
        {
            Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + fromStep), c = Vector512.Load(from + 2 * fromStep), d = Vector512.Load(from + 3 * fromStep);
            (a + b + c).Store(to);
            (b - c - d).Store(to + toStep);
        }
    }
}
