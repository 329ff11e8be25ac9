using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>Convolution of each channel with a filter of its own: a plane at a time, copied with its padding into the first-level cache, four rows of
/// results in registers, so that a row of it is read once for up to three rows of the filter.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Results of a plane that are computed from one copy at most, where four rows do not have more; and that a thread computes at a time at
    /// least.</summary>
    private const int DepthwisePixels = 8192;

    private static bool IsDepthwise(Conv2dSizes z) => z.GroupC == 1 && z.GroupK == 1 && z.R * z.S <= MostTaps;

    /// <summary>Taps of a depthwise filter at most: their places lie on the stack.</summary>
    private const int MostTaps = 256;

    /// <summary>The convolution of <paramref name="sizes"/>, or with filters turned by 180° and <paramref name="upH"/> and <paramref name="upW"/> rows and columns
    /// of x from one that is there to the next, zeros between: the gradient of x.</summary>
    private void RunDepthwise(nint x, nint w, nint y, nint bias, Activation activation, Conv2dSizes sizes, bool turned = false, int upH = 1, int upW = 1)
    {
        var z = sizes with { N = 1, C = 1, K = 1, Groups = 1 };
        int channels = sizes.C, taps = z.R * z.S, height = z.P, width = z.Q, rowsX = Parts(z.H, upH), columnsX = Parts(z.W, upW);
        var blocks = DepthwiseBlocks(sizes.N * channels, height, width);
        float least = activation == Activation.Relu ? 0 : float.NegativeInfinity;
        workers.For(blocks.Count, Math.Max(1, DepthwisePixels / (blocks.Rows * width)), (begin, end) =>
        {
            float* filter = stackalloc float[taps];
            int* columns = stackalloc int[z.S];
            var slabs = stackalloc Slab[z.R];
            var copy = new PlaneCopy(z, blocks, upH, upW);
            int rows = 0, count = 0;
            for (int unit = begin; unit < end; unit++)
            {
                var block = blocks[unit];
                int c = block.Image % channels;
                copy.Fill((float*)x + (long)block.Image * rowsX * columnsX, block);
                if (block.Rows != rows)
                {
                    rows = block.Rows;
                    count = Slabs(z, copy.Window, slabs, columns);
                }
                for (int tap = 0; tap < taps; tap++) filter[tap] = ((float*)w)[c * taps + (turned ? taps - 1 - tap : tap)];
                float* to = (float*)y + (long)block.Image * height * width + block.Row * width;
                DepthwiseRows(copy.Numbers, copy.Window.RowStep, filter, z.StrideH * z.S, slabs, count, columns, z.S, rows, width, bias == 0 ? 0 : ((float*)bias)[c], least, to);
                if (activation is not (Activation.None or Activation.Relu)) Activate(to, rows * width, activation);
            }
        });
    }

    private static ConvBlocks DepthwiseBlocks(int planes, int height, int width) => new(planes, height, 1, Gemm.Even(height, Math.Max(4, DepthwisePixels / width)));

    /// <summary>What a block of results sees of a plane, in the thread's scratch.</summary>
    private ref struct PlaneCopy
    {
        private readonly Conv2dSizes z;
        private readonly int upH, upW;
        // Where a plane is one block, its padding is written once.
        private readonly bool whole;
        private int rows;

        public PlaneCopy(Conv2dSizes z, ConvBlocks blocks, int upH = 1, int upW = 1)
        {
            (this.z, this.upH, this.upW, whole) = (z, upH, upW, blocks.Rows == z.P);
            var largest = new ConvWindow(z, new ConvBlock(0, 1, 0, blocks.Rows));
            // Four rows are read where fewer are left.
            Numbers = Gemm.Scratch.Take(largest.ChannelStep + 4 * largest.RowStep + ConvWindow.Slack);
        }

        public float* Numbers { get; }

        public ConvWindow Window { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Fill(float* plane, ConvBlock block)
        {
            if (block.Rows != rows) Window = new ConvWindow(z, block with { Image = 0 });
            if (z.StrideH > 1 || z.StrideW > 1)
            {
                new ConvWindow(z, block with { Image = 0 }).Fill(plane, 0, 1, Numbers);
                rows = block.Rows;
                return;
            }
            int step = Window.RowStep, columns = Parts(z.W, upW), first = Math.Max(0, block.Row - z.PadH);
            if (!whole || rows == 0) new Span<float>(Numbers, Window.ChannelStep).Clear();
            rows = block.Rows;
            int last = Math.Min(z.H, block.Row - z.PadH + Window.ChannelStep / step);
            for (int h = Parts(first, upH); h * upH < last; h++)
                CopyRow(plane + (long)h * columns, columns, Numbers + (h * upH - block.Row + z.PadH) * step + z.PadW, upW);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void CopyRow(float* from, int columns, float* to, int apart)
        {
            if (apart > 1)
            {
                for (int i = 0; i < columns; i++) to[i * apart] = from[i];
                return;
            }
            int q = 0;
            for (; q <= columns - Width; q += Width) Vector512.Load(from + q).Store(to + q);
            if (q < columns) StoreTail(LoadTail(from + q, columns - q), to + q, columns - q);
        }
    }

    /// <summary>Up to three rows of a filter that meet neighbouring rows of a window: where the first of them is in either.</summary>
    private readonly record struct Slab(int Place, int Tap, int Rows);

    private static int Slabs(Conv2dSizes z, in ConvWindow window, Slab* slabs, int* columns)
    {
        int count = 0, most = z.DilationH == 1 ? 3 : 1, apart = z.StrideH;
        for (int s = 0; s < z.S; s++) columns[s] = window.Offset(s);
        for (int phase = 0; phase < Math.Min(apart, z.R); phase++)
            for (int r = phase; r < z.R; r += slabs[count++].Rows * apart)
                slabs[count] = new Slab(window.Offset(r * z.S), r * z.S, Math.Min(most, (z.R - r + apart - 1) / apart));
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DepthwiseRows(float* x, int step, float* filter, int below, Slab* slabs, int count, int* columns, int taps, int rows, int width, float bias, float least, float* y)
    {
        var b = Vector512.Create(bias);
        var floor = Vector512.Create(least);
        for (int p = 0; p < rows; p += 4)
        {
            // The last four once more where rows are no multiple.
            int row = Math.Max(0, Math.Min(p, rows - 4));
            for (int q = 0; q < width; q += Width)
            {
                Vector512<float> y0 = b, y1 = b, y2 = b, y3 = b;
                for (int slab = 0; slab < count; slab++)
                {
                    float* from = x + slabs[slab].Place + row * step + q, weights = filter + slabs[slab].Tap;
                    int height = slabs[slab].Rows;
                    for (int s = 0; s < taps; s++)
                    {
                        float* at = from + columns[s], weight = weights + s;
                        Vector512<float> w0 = Vector512.Create(weight[0]), x0 = Vector512.Load(at), x1 = Vector512.Load(at + step), x2 = Vector512.Load(at + 2 * step), x3 = Vector512.Load(at + 3 * step);
                        y0 = Vector512.MultiplyAddEstimate(x0, w0, y0);
                        y1 = Vector512.MultiplyAddEstimate(x1, w0, y1);
                        y2 = Vector512.MultiplyAddEstimate(x2, w0, y2);
                        y3 = Vector512.MultiplyAddEstimate(x3, w0, y3);
                        if (height == 1) continue;
                        Vector512<float> w1 = Vector512.Create(weight[below]), x4 = Vector512.Load(at + 4 * step);
                        y0 = Vector512.MultiplyAddEstimate(x1, w1, y0);
                        y1 = Vector512.MultiplyAddEstimate(x2, w1, y1);
                        y2 = Vector512.MultiplyAddEstimate(x3, w1, y2);
                        y3 = Vector512.MultiplyAddEstimate(x4, w1, y3);
                        if (height == 2) continue;
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
        var blocks = DepthwiseBlocks(1, height, width);
        workers.For(channels, Math.Max(1, 2 * DepthwisePixels / Math.Max(1, sizes.N * height * width)), (begin, end) =>
        {
            float* sums = stackalloc float[taps * Width];
            nint* offsets = stackalloc nint[taps];
            var copy = new PlaneCopy(z, blocks);
            int rows = 0;
            for (int c = begin; c < end; c++)
            {
                new Span<float>(sums, taps * Width).Clear();
                for (int n = 0; n < sizes.N; n++)
                    for (int i = 0; i < blocks.Count; i++)
                    {
                        Cancellation.ThrowIfRequested();
                        long plane = (long)n * channels + c;
                        var block = blocks[i];
                        copy.Fill((float*)x + plane * z.H * z.W, block);
                        if (block.Rows != rows)
                        {
                            rows = block.Rows;
                            for (int tap = 0; tap < taps; tap++) offsets[tap] = copy.Window.Offset(tap);
                        }
                        AddDepthwiseDots(copy.Numbers, copy.Window.RowStep, offsets, (float*)dy + (plane * height + block.Row) * width, rows, width, taps, sums);
                    }
                for (int tap = 0; tap < taps; tap++) ((float*)dw)[c * taps + tap] = Vector512.Sum(Vector512.Load(sums + tap * Width));
            }
        });
    }

    // sums[tap] += x·dy along the rows, a vector of columns at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDepthwiseDots(float* x, int step, nint* offsets, float* dy, int rows, int width, int taps, float* sums)
    {
        nint* at = stackalloc nint[DepthwiseTaps];
        for (int tap = 0; tap < taps; tap += DepthwiseTaps, sums += DepthwiseTaps * Width)
        {
            // Beyond the last tap the same one once more, and its sum is dropped.
            int count = Math.Min(DepthwiseTaps, taps - tap);
            for (int i = 0; i < DepthwiseTaps; i++) at[i] = offsets[tap + Math.Min(i, count - 1)];
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
