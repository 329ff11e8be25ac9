using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>With the channels of a pixel side by side, a row of a window lies together as it is: S·C numbers, and the next pixel's window begins C further on.
/// So MatMul's tile reads the image where it is, four pixels by 32 filters, once for each of the window's R rows.</summary>
internal static unsafe class Conv2dChannelsLast
{
    private const int Pixels = MatMulRegisterTile.Rows, Filters = MatMulRegisterTile.Columns;

    // y_n,p,q..q+3,k..k+31 = Σ_r X_n,p+r,q..q+3 · W_r with X 4 × S·C, a row beginning at each pixel, and W_r S·C × K
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        int depth = z.S * z.C, height = z.H + 2 * z.Pad, width = MatMulPacked.Up(z.Q, Pixels) + z.S - 1, filters = MatMulPacked.Up(z.K, Filters);
        using Floats weights = new(z.R * depth * filters), image = new(height * width * z.C), row = new(width * filters);
        TurnWeights(w, weights, z, z.C);
        for (int n = 0; n < z.N; n++)
        {
            TurnImage(x + n * z.C * z.H * z.W, image.At, height, z, width, z.C);
            for (int p = 0; p < z.P; p++)
            {
                for (int k = 0; k < filters; k += Filters)
                    for (int q = 0; q < z.Q; q += Pixels)
                        for (int r = 0; r < z.R; r++)
                            MatMulRegisterTile.Tile(depth, image.At + ((p + r) * width + q) * z.C, z.C, 1, weights.At + (r * filters + k) * depth, Filters,
                                row.At + q * filters + k, filters, accumulate: r > 0);
                TurnBack(row.At, filters, y + (n * z.K * z.P + p) * z.Q, z, z.Q);
            }
        }
    }

    /// <summary>(K, C, R, S) as panels of 32 filters, (R, K/32, S, C, 32); zeros where there is no such filter or channel.</summary>
    public static void TurnWeights(float* w, Floats weights, Conv2dShape z, int channels)
    {
        weights.Span.Clear();
        int panels = MatMulPacked.Up(z.K, Filters) / Filters;
        for (int k = 0; k < z.K; k++)
            for (int c = 0; c < z.C; c++)
                for (int r = 0; r < z.R; r++)
                    for (int s = 0; s < z.S; s++)
                        weights.At[(((r * panels + k / Filters) * z.S + s) * channels + c) * Filters + k % Filters] = w[((k * z.C + c) * z.R + r) * z.S + s];
    }

    /// <summary>An image (C, H, W) as (height, width, channels), with its border; zeros wherever the image has nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TurnImage(float* x, float* image, int height, Conv2dShape z, int width, int channels)
    {
        new Span<float>(image, height * width * channels).Clear();
        for (int h = 0; h < z.H; h++)
            for (int c = 0; c < z.C; c++)
            {
                float* from = x + (c * z.H + h) * z.W, to = image + ((h + z.Pad) * width + z.Pad) * channels + c;
                for (int v = 0; v < z.W; v++) to[v * channels] = from[v];
            }
    }

    /// <summary>Pixels (count, filters) into the planes (P, Q) of each filter, from y on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TurnBack(float* pixels, int filters, float* y, Conv2dShape z, int count)
    {
        for (int k = 0; k < z.K; k++)
            for (int q = 0; q < count; q++) y[k * z.P * z.Q + q] = pixels[q * filters + k];
    }
}
