using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>Convolution of each channel with a filter of its own: a plane at a time, copied with its padding into the first-level cache, four rows of
/// results in registers, so that a row of it is read once for up to three rows of the filter.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Results of a plane that are computed from one copy at most, where four rows do not have more.</summary>
    private const int DepthwisePixels = 16384;

    private static bool IsDepthwise(Conv2dSizes z) => z.GroupC == 1 && z.GroupK == 1 && z.R * z.S <= MostTaps;

    /// <summary>Taps of a depthwise filter at most: their places lie on the stack.</summary>
    private const int MostTaps = 256;

    /// <summary>The convolution of <paramref name="sizes"/>, or with filters turned by 180° and <paramref name="upH"/> and <paramref name="upW"/> rows and columns
    /// of x from one that is there to the next, zeros between: the gradient of x.</summary>
    private void RunDepthwise(nint x, nint w, nint y, nint bias, Activation activation, Conv2dSizes sizes, bool turned = false, int upH = 1, int upW = 1)
    {
        var z = sizes with { N = 1, C = 1, K = 1, Groups = 1 };
        int channels = sizes.C, taps = z.R * z.S, height = z.P, width = z.Q, rowsX = (z.H + upH - 1) / upH, columnsX = (z.W + upW - 1) / upW;
        var blocks = new ConvBlocks(sizes.N * channels, height, 1, Gemm.Even(height, Math.Max(4, DepthwisePixels / width)));
        bool spread = upH > 1 || upW > 1;
        workers.For(blocks.Count, Math.Max(1, DepthwisePixels / (blocks.Rows * width)), (begin, end) =>
        {
            float* filter = stackalloc float[taps];
            for (int unit = begin; unit < end; unit++)
            {
                var block = blocks[unit] with { Image = 0 };
                int plane = blocks[unit].Image, c = plane % channels;
                var window = new ConvWindow(z, block);
                // Four rows are read where fewer are left.
                float* copy = Gemm.Scratch.Take(window.ChannelStep + 4 * window.RowStep + ConvWindow.Slack + (spread ? z.H * z.W : 0));
                float* from = (float*)x + (long)plane * rowsX * columnsX;
                if (spread)
                {
                    float* there = copy + window.ChannelStep + 4 * window.RowStep + ConvWindow.Slack;
                    new Span<float>(there, z.H * z.W).Clear();
                    for (int i = 0; i < rowsX; i++)
                        for (int j = 0; j < columnsX; j++) there[i * upH * z.W + j * upW] = from[i * columnsX + j];
                    from = there;
                }
                window.Fill(from, 0, 1, copy);
                for (int tap = 0; tap < taps; tap++) filter[tap] = ((float*)w)[c * taps + (turned ? taps - 1 - tap : tap)];
                float* to = (float*)y + (long)plane * height * width + block.Row * width;
                float b = bias == 0 ? 0 : ((float*)bias)[c];
                DepthwiseRows(z, window, copy, filter, block.Rows, width, b, activation == Activation.Relu ? 0 : float.NegativeInfinity, to);
                if (activation is not (Activation.None or Activation.Relu)) Activate(to, block.Rows * width, activation);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DepthwiseRows(Conv2dSizes z, in ConvWindow window, float* x, float* filter, int rows, int width, float bias, float least, float* y)
    {
        // Slabs: up to three rows of the filter that meet neighbouring rows of the window.
        int* place = stackalloc int[z.R], first = stackalloc int[z.R], heights = stackalloc int[z.R], columns = stackalloc int[z.S];
        int slabs = 0, most = z.DilationH == 1 ? 3 : 1, apart = z.StrideH, step = window.RowStep, taps = z.S;
        for (int s = 0; s < taps; s++) columns[s] = window.Offset(s);
        for (int phase = 0; phase < Math.Min(apart, z.R); phase++)
            for (int r = phase; r < z.R; r += heights[slabs++] * apart)
            {
                (place[slabs], first[slabs]) = (window.Offset(r * taps), r * taps);
                heights[slabs] = Math.Min(most, (z.R - r + apart - 1) / apart);
            }
        int below = apart * taps;
        var b = Vector512.Create(bias);
        var floor = Vector512.Create(least);
        for (int p = 0; p < rows; p += 4)
        {
            // The last four once more where rows are no multiple.
            int row = Math.Max(0, Math.Min(p, rows - 4));
            for (int q = 0; q < width; q += Width)
            {
                Vector512<float> y0 = b, y1 = b, y2 = b, y3 = b;
                for (int slab = 0; slab < slabs; slab++)
                {
                    float* from = x + place[slab] + row * step + q, weights = filter + first[slab];
                    for (int s = 0; s < taps; s++)
                    {
                        float* at = from + columns[s], weight = weights + s;
                        Vector512<float> w0 = Vector512.Create(weight[0]), x0 = Vector512.Load(at), x1 = Vector512.Load(at + step), x2 = Vector512.Load(at + 2 * step), x3 = Vector512.Load(at + 3 * step);
                        y0 = Vector512.MultiplyAddEstimate(x0, w0, y0);
                        y1 = Vector512.MultiplyAddEstimate(x1, w0, y1);
                        y2 = Vector512.MultiplyAddEstimate(x2, w0, y2);
                        y3 = Vector512.MultiplyAddEstimate(x3, w0, y3);
                        if (heights[slab] == 1) continue;
                        Vector512<float> w1 = Vector512.Create(weight[below]), x4 = Vector512.Load(at + 4 * step);
                        y0 = Vector512.MultiplyAddEstimate(x1, w1, y0);
                        y1 = Vector512.MultiplyAddEstimate(x2, w1, y1);
                        y2 = Vector512.MultiplyAddEstimate(x3, w1, y2);
                        y3 = Vector512.MultiplyAddEstimate(x4, w1, y3);
                        if (heights[slab] == 2) continue;
                        Vector512<float> w2 = Vector512.Create(weight[2 * below]), x5 = Vector512.Load(at + 5 * step);
                        y0 = Vector512.MultiplyAddEstimate(x2, w2, y0);
                        y1 = Vector512.MultiplyAddEstimate(x3, w2, y1);
                        y2 = Vector512.MultiplyAddEstimate(x4, w2, y2);
                        y3 = Vector512.MultiplyAddEstimate(x5, w2, y3);
                    }
                }
                float* to = y + row * width + q;
                int left = Math.Min(Width, width - q);
                StoreTail(Vector512.Max(y0, floor), to, left);
                if (row + 1 < rows) StoreTail(Vector512.Max(y1, floor), to + width, left);
                if (row + 2 < rows) StoreTail(Vector512.Max(y2, floor), to + 2 * width, left);
                if (row + 3 < rows) StoreTail(Vector512.Max(y3, floor), to + 3 * width, left);
            }
        }
    }

    /// <summary>Taps whose sums stay in registers together.</summary>
    private const int DepthwiseTaps = 9;

    private void DepthwiseBackwardWeight(nint x, nint dy, nint dw, Conv2dSizes sizes)
    {
        var z = sizes with { N = 1, C = 1, K = 1, Groups = 1 };
        int channels = sizes.C, taps = z.R * z.S, height = z.P, width = z.Q;
        var blocks = new ConvBlocks(1, height, 1, Gemm.Even(height, Math.Max(4, DepthwisePixels / width)));
        workers.For(channels, Math.Max(1, 2 * DepthwisePixels / Math.Max(1, sizes.N * height * width)), (begin, end) =>
        {
            float* sums = stackalloc float[taps * Width];
            for (int c = begin; c < end; c++)
            {
                Cancellation.ThrowIfRequested();
                new Span<float>(sums, taps * Width).Clear();
                for (int n = 0; n < sizes.N; n++)
                    for (int i = 0; i < blocks.Count; i++)
                    {
                        long plane = (long)n * channels + c;
                        var window = new ConvWindow(z, blocks[i]);
                        float* copy = Gemm.Scratch.Take(window.ChannelStep + ConvWindow.Slack);
                        window.Fill((float*)x + plane * z.H * z.W, 0, 1, copy);
                        AddDepthwiseDots(window, copy, (float*)dy + (plane * height + blocks[i].Row) * width, blocks[i].Rows, width, taps, sums);
                    }
                for (int tap = 0; tap < taps; tap++) ((float*)dw)[c * taps + tap] = Vector512.Sum(Vector512.Load(sums + tap * Width));
            }
        });
    }

    // sums[tap] += x·dy along the rows, a vector of columns at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDepthwiseDots(in ConvWindow window, float* x, float* dy, int rows, int width, int taps, float* sums)
    {
        int step = window.RowStep;
        nint* at = stackalloc nint[DepthwiseTaps];
        for (int tap = 0; tap < taps; tap += DepthwiseTaps, sums += DepthwiseTaps * Width)
        {
            // Beyond the last tap the same one once more, and its sum is dropped.
            int count = Math.Min(DepthwiseTaps, taps - tap);
            for (int i = 0; i < DepthwiseTaps; i++) at[i] = window.Offset(tap + Math.Min(i, count - 1));
            nint a1 = at[1] - at[0], a2 = at[2] - at[0], a3 = at[3] - at[0], a4 = at[4] - at[0], a5 = at[5] - at[0], a6 = at[6] - at[0], a7 = at[7] - at[0], a8 = at[8] - at[0];
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default, s8 = default;
            for (int p = 0; p < rows; p++)
            {
                float* from = x + at[0] + p * step, gradients = dy + p * width;
                int q = 0;
                for (; q <= width - Width; q += Width, from += Width)
                {
                    var g = Vector512.Load(gradients + q);
                    s0 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from), s0);
                    s1 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a1), s1);
                    s2 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a2), s2);
                    s3 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a3), s3);
                    s4 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a4), s4);
                    s5 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a5), s5);
                    s6 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a6), s6);
                    s7 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a7), s7);
                    s8 = Vector512.MultiplyAddEstimate(g, Vector512.Load(from + a8), s8);
                }
                if (q == width) continue;
                Vector512<float> mask = First(width - q), rest = LoadTail(gradients + q, width - q) & mask;
                s0 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from) & mask, s0);
                s1 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a1) & mask, s1);
                s2 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a2) & mask, s2);
                s3 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a3) & mask, s3);
                s4 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a4) & mask, s4);
                s5 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a5) & mask, s5);
                s6 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a6) & mask, s6);
                s7 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a7) & mask, s7);
                s8 = Vector512.MultiplyAddEstimate(rest, Vector512.Load(from + a8) & mask, s8);
            }
            Add(s0, sums, count > 0);
            Add(s1, sums + Width, count > 1);
            Add(s2, sums + 2 * Width, count > 2);
            Add(s3, sums + 3 * Width, count > 3);
            Add(s4, sums + 4 * Width, count > 4);
            Add(s5, sums + 5 * Width, count > 5);
            Add(s6, sums + 6 * Width, count > 6);
            Add(s7, sums + 7 * Width, count > 7);
            Add(s8, sums + 8 * Width, count > 8);
        }

        static void Add(Vector512<float> sum, float* to, bool wanted)
        {
            if (wanted) (Vector512.Load(to) + sum).Store(to);
        }
    }
}
