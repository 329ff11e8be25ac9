using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>dWᵀ = X·dYᵀ, where the rows of X, one a tap, are read in the window itself. The images are cut into slices, whose sums are added in
/// their order.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Filters below which their sums run along the results: they would leave most of a vector idle.</summary>
    private const int FewFilters = 8;

    /// <summary>Numbers of all slices' sums together at most, where one slice does not need more.</summary>
    private const int ConvSums = 1 << 21;

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        if (dy.Length == 0)
        {
            Span<float>(dw).Clear();
            return;
        }
        var z = sizes;
        if (WinogradWins(z))
        {
            WinogradBackwardWeight((nint)Floats(x), (nint)Floats(dy), (nint)Floats(dw), z);
            return;
        }
        if (IsPointwise(z) && z is { C: >= 8, K: >= 8 } && z.Pixels >= PointwisePixels)
        {
            PointwiseBackwardWeight((nint)Floats(x), (nint)Floats(dy), (nint)Floats(dw), z);
            return;
        }
        if (IsDepthwise(z) && z.Groups >= ConvUnits)                // it is cut by channels: of fewer, the general way cuts images too
        {
            DepthwiseBackwardWeight((nint)Floats(x), (nint)Floats(dy), (nint)Floats(dw), z);
            return;
        }
        bool few = z.GroupK < FewFilters;
        int width = few ? z.GroupK : Gemm.TileColumns, parts = Parts(z.GroupK, width);
        var blocks = WeightBlocks(z);
        int slices = Math.Clamp(ConvSums / (z.Groups * parts * width * z.Taps), 1, Math.Min(blocks.Count, ConvUnits));
        int blocksEach = Parts(blocks.Count, slices);
        slices = Parts(blocks.Count, blocksEach);
        // Where that makes few units, each is cut both ways: by filters, and by channels.
        int cuts = Parts(ConvUnits, slices * z.Groups), partsEach = Gemm.Even(parts, Math.Max(1, parts / (int)Math.Ceiling(Math.Sqrt(cuts))));
        int partCuts = Parts(parts, partsEach), channelsEach = Gemm.Even(z.GroupC, Math.Max(1, z.GroupC * partCuts / cuts));
        int channelCuts = Parts(z.GroupC, channelsEach);
        nint px = (nint)Floats(x), py = (nint)Floats(dy), pw = (nint)Floats(dw);
        using var sums = new Temporary(this, (long)slices * z.Groups * parts * z.Taps * width, nameof(Conv2dBackwardWeight));
        nint ps = sums.Pointer;
        workers.For(slices * z.Groups * partCuts * channelCuts, (px, py, ps, z, blocks, blocksEach, parts, partCuts, partsEach, channelCuts, channelsEach, width, few), static (unit, given) =>
        {
            var (px, py, ps, z, blocks, blocksEach, parts, partCuts, partsEach, channelCuts, channelsEach, width, few) = given;
            int c = unit % channelCuts * channelsEach, part = unit / channelCuts % partCuts * partsEach, channels = Math.Min(channelsEach, z.GroupC - c);
            int group = unit / channelCuts / partCuts % z.Groups, slice = unit / channelCuts / partCuts / z.Groups;
            int k = part * width, filters = Math.Min(partsEach * width, z.GroupK - k);
            float* sum = (float*)ps + (long)((slice * z.Groups + group) * parts + part) * z.Taps * width;
            for (int i = slice * blocksEach; i < Math.Min(blocks.Count, (slice + 1) * blocksEach); i++)
            {
                if (few) AddDots(z, blocks[i], (float*)px, (float*)py, group, c, channels, sum, i > slice * blocksEach);
                else AddBlock(z, blocks[i], (float*)px, (float*)py, group, c, channels, k, filters, sum, i > slice * blocksEach);
            }
        });
        workers.For(z.Groups * parts * z.Taps, Math.Max(1, ElementwiseGrain / (slices * width)), (ps, pw, z, slices, parts, width), static (begin, end, given) =>
        {
            var (ps, pw, z, slices, parts, width) = given;
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
        int pixels = Math.Clamp(2 * ConvSpread / z.GroupK, 96, 512);
        var blocks = ConvBlocks.Cut(z, pixels);
        // As many images as make a block, but blocks enough for the units.
        return z.Pixels > pixels ? blocks : blocks with { Images = Math.Max(blocks.Images, Math.Clamp(pixels / z.Pixels, 1, Math.Max(1, z.N / ConvUnits))) };
    }

    // sum[part, tap, k] = Σ x·dy by register tiles of taps and filters.
    private static void AddBlock(Conv2dSizes z, ConvBlock block, float* x, float* dy, int group, int channel, int channels, int k, int filters, float* sum, bool accumulate)
    {
        int width = Gemm.TileColumns, taps = z.R * z.S, run = block.Rows * z.Q, pixels = block.Images * run, parts = Parts(filters, width);
        var window = new ConvWindow(z, block);
        int atATime = Math.Clamp(ConvSpread / window.ChannelStep, 1, channels);
        float* gradients = Gemm.Scratch.Take(parts * pixels * width + atATime * window.ChannelStep), copy = gradients + parts * pixels * width;
        for (int part = 0; part < parts; part++)
            for (int n = 0; n < block.Images; n++)
            {
                float* from = dy + ((long)(block.Image + n) * z.K + group * z.GroupK + k + part * width) * z.Pixels + block.Row * z.Q;
                Gemm.Pack(from, z.Pixels, 1, Math.Min(width, filters - part * width), width, run, gradients + (part * pixels + n * run) * width);
            }
        int* offsets = stackalloc int[Gemm.ShiftedRows];
        for (int c = channel; c < channel + channels; c += atATime)
        {
            int count = Math.Min(atATime, channel + channels - c), height = Gemm.Even(count * taps, Gemm.ShiftedRows);
            window.Fill(x, group * z.GroupC + c, count, copy);
            for (int tap = 0; tap < count * taps; tap += height)
            {
                int rows = Math.Min(height, count * taps - tap);
                for (int i = 0; i < rows; i++) offsets[i] = window.Offset(tap + i);
                for (int part = 0; part < parts; part++)
                    Gemm.Shifted(rows, filters - part * width, copy, window, offsets, gradients + part * pixels * width,
                        sum + ((long)part * z.Taps + c * taps + tap) * width, accumulate);
            }
        }
    }

    // sum[tap, k] = Σ x·dy, four taps at a time, sixteen results in a vector.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDots(Conv2dSizes z, ConvBlock block, float* x, float* dy, int group, int channel, int channels, float* sum, bool accumulate)
    {
        int taps = z.R * z.S, width = z.Q, pixels = z.Pixels;
        var window = new ConvWindow(z, block);
        int atATime = Math.Clamp(ConvSpread / window.ChannelStep, 1, channels);
        float* copy = Gemm.Scratch.Take(atATime * window.ChannelStep + ConvWindow.Slack);
        for (int c = channel; c < channel + channels; c += atATime)
        {
            int count = Math.Min(atATime, channel + channels - c) * taps;
            window.Fill(x, group * z.GroupC + c, count / taps, copy);
            for (int k = 0; k < z.GroupK; k++)
            {
                float* gradient = dy + ((long)block.Image * z.K + group * z.GroupK + k) * pixels + block.Row * width;
                for (int tap = 0; tap < count; tap += 4)
                {
                    int last = count - 1;
                    float* x0 = copy + window.Offset(tap), x1 = copy + window.Offset(Math.Min(tap + 1, last));
                    float* x2 = copy + window.Offset(Math.Min(tap + 2, last)), x3 = copy + window.Offset(Math.Min(tap + 3, last));
                    Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
                    for (int n = 0; n < block.Images; n++)
                        for (int p = 0; p < block.Rows; p++)
                        {
                            float* g = gradient + (long)n * z.K * pixels + p * width;
                            int row = n * window.ImageStep + p * window.RowStep;
                            for (int q = 0; q < width; q += Width)
                            {
                                var mask = First(width - q);
                                var each = width - q >= Width ? Vector512.Load(g + q) : LoadTail(g + q, width - q) & mask;
                                s0 += each * (Vector512.Load(x0 + row + q) & mask);
                                s1 += each * (Vector512.Load(x1 + row + q) & mask);
                                s2 += each * (Vector512.Load(x2 + row + q) & mask);
                                s3 += each * (Vector512.Load(x3 + row + q) & mask);
                            }
                        }
                    float* to = sum + (c * taps + tap) * z.GroupK + k;
                    Put(s0, to, true, accumulate);
                    Put(s1, to + z.GroupK, tap + 1 < count, accumulate);
                    Put(s2, to + 2 * z.GroupK, tap + 2 < count, accumulate);
                    Put(s3, to + 3 * z.GroupK, tap + 3 < count, accumulate);
                }
            }
        }

        static void Put(Vector512<float> value, float* to, bool wanted, bool accumulate)
        {
            if (wanted) *to = accumulate ? *to + Vector512.Sum(value) : Vector512.Sum(value);
        }
    }

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), pb = (nint)Floats(db);
        workers.For(z.K, Math.Max(1, ElementwiseGrain / Math.Max(1, z.N * z.Pixels)), (py, pb, z), static (begin, end, given) =>
        {
            var (py, pb, z) = given;
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
