using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>dWᵀ = X·dYᵀ, where the rows of X, one a tap, are read in the window itself. The images are cut into slices, whose sums are added in
/// their order.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Results of one filter that are transposed at a time.</summary>
    private const int ConvPixels = 512;

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        if (dy.Length == 0)
        {
            Span<float>(dw).Clear();
            return;
        }
        var z = sizes;
        int width = Gemm.TileColumns, parts = (z.GroupK + width - 1) / width, taps = z.R * z.S;
        var blocks = WeightBlocks(z);
        int slices = Math.Min(blocks.Count, (ConvUnits - 1) / (z.Groups * parts) + 1), blocksEach = (blocks.Count + slices - 1) / slices;
        slices = (blocks.Count + blocksEach - 1) / blocksEach;
        nint px = (nint)Floats(x), py = (nint)Floats(dy), pw = (nint)Floats(dw);
        using var sums = new Temporary(this, (long)slices * z.Groups * parts * z.Taps * width, nameof(Conv2dBackwardWeight));
        nint ps = sums.Pointer;
        workers.For(slices * z.Groups * parts, unit =>
        {
            int slice = unit / parts / z.Groups, group = unit / parts % z.Groups, k = unit % parts * width;
            float* sum = (float*)ps + (long)unit * z.Taps * width;
            for (int i = slice * blocksEach; i < Math.Min(blocks.Count, (slice + 1) * blocksEach); i++)
                AddBlock(z, blocks[i], (float*)px, (float*)py, group, k, Math.Min(width, z.GroupK - k), sum, i > slice * blocksEach);
        });
        workers.For(z.Groups * parts * z.Taps, Math.Max(1, ElementwiseGrain / (slices * width)), (begin, end) =>
        {
            float* total = stackalloc float[32];
            for (int at = begin; at < end; at++)
            {
                int part = at / z.Taps, tap = at % z.Taps, group = part / parts, k = part % parts * width;
                float* from = (float*)ps + (long)at * width, to = (float*)pw + ((long)group * z.GroupK + k) * z.Taps + tap;
                new Span<float>(from, width).CopyTo(new(total, width));
                for (int slice = 1; slice < slices; slice++)
                {
                    from += (long)z.Groups * parts * z.Taps * width;
                    for (int j = 0; j < width; j++) total[j] += from[j];
                }
                for (int j = 0; j < Math.Min(width, z.GroupK - k); j++) to[(long)j * z.Taps] = total[j];
            }
        });
    }

    private static ConvBlocks WeightBlocks(Conv2dSizes z)
    {
        if (z.Pixels > ConvPixels) return ConvBlocks.Cut(z, ConvPixels);
        // As many images as make a block, but blocks enough for the slices.
        int images = Math.Clamp(ConvPixels / z.Pixels, 1, Math.Max(1, z.N / ConvUnits));
        return new ConvBlocks(z.N, z.P, Math.Max(images, ConvBlocks.Cut(z, ConvPixels).Images), z.P);
    }

    private static void AddBlock(Conv2dSizes z, ConvBlock block, float* x, float* dy, int group, int k, int filters, float* sum, bool accumulate)
    {
        int width = Gemm.TileColumns, taps = z.R * z.S, pixels = block.Images * block.Rows * z.Q;
        var window = new ConvWindow(z, block);
        int channels = Math.Clamp(ConvSpread / window.ChannelStep, 1, z.GroupC);
        float* gradients = Gemm.Scratch.Take(pixels * width + channels * window.ChannelStep), copy = gradients + pixels * width;
        int run = block.Rows * z.Q;
        for (int n = 0; n < block.Images; n++)
            Gemm.Pack(dy + ((long)(block.Image + n) * z.K + group * z.GroupK + k) * z.Pixels + block.Row * z.Q, z.Pixels, 1, filters, width, run, gradients + n * run * width);
        int* offsets = stackalloc int[Gemm.ShiftedRows];
        for (int c = 0; c < z.GroupC; c += channels)
        {
            int count = Math.Min(channels, z.GroupC - c), height = Gemm.Even(count * taps, Gemm.ShiftedRows);
            window.Fill(x, group * z.GroupC + c, count, copy);
            for (int tap = 0; tap < count * taps; tap += height)
            {
                int rows = Math.Min(height, count * taps - tap);
                for (int i = 0; i < rows; i++) offsets[i] = window.Offset(tap + i);
                Gemm.Shifted(rows, filters, copy, window, offsets, gradients, sum + (c * taps + tap) * width, accumulate);
            }
        }
    }

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), pb = (nint)Floats(db);
        workers.For(z.K, Math.Max(1, ElementwiseGrain / Math.Max(1, z.N * z.Pixels)), (begin, end) =>
        {
            for (int k = begin; k < end; k++)
            {
                var sum = Vector512<float>.Zero;
                float rest = 0;
                for (int n = 0; n < z.N; n++)
                {
                    float* row = (float*)py + ((long)n * z.K + k) * z.Pixels;
                    int i = 0;
                    for (; i <= z.Pixels - Width; i += Width) sum += Vector512.Load(row + i);
                    for (; i < z.Pixels; i++) rest += row[i];
                }
                ((float*)pb)[k] = Vector512.Sum(sum) + rest;
            }
        });
    }
}
