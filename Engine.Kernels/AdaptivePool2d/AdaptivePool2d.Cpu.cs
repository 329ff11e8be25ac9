using System.Numerics.Tensors;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void AdaptiveMaxPool2dForwardCore(View x, View y, View argmax, AdaptivePool2dSizes sizes)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(y), pa = (nint)Pointer<int>(argmax);
        workers.For(z.Planes * z.P, RowsAtATime(z, z.P), (begin, end) =>
        {
            for (int row = begin; row < end; row++)
            {
                float* plane = (float*)px + (long)(row / z.P) * z.H * z.W, to = (float*)py + (long)row * z.Q;
                int* arg = (int*)pa + (long)row * z.Q;
                for (int q = 0; q < z.Q; q++)
                {
                    arg[q] = Largest(plane, z.W, z.At(row % z.P, q));
                    to[q] = plane[arg[q]];
                }
            }
        });
    }

    private static int Largest(float* plane, int width, Window window)
    {
        int best = window.Top * width + window.Left;
        for (int h = window.Top; h < window.Bottom; h++)
            for (int i = h * width + window.Left; i < h * width + window.Right; i++)
                // A larger number or a NaN, unless a NaN was found before.
                if (!(plane[i] <= plane[best]) && !float.IsNaN(plane[best])) best = i;
        return best;
    }

    private protected override void AdaptiveAvgPool2dForwardCore(View x, View y, AdaptivePool2dSizes sizes)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(y);
        workers.For(z.Planes * z.P, RowsAtATime(z, z.P), (begin, end) =>
        {
            var sums = new Span<float>(Gemm.Scratch.Take(z.W), z.W);
            for (int row = begin; row < end; row++)
            {
                // The rows of the windows become one, and then its columns.
                float* plane = (float*)px + (long)(row / z.P) * z.H * z.W, to = (float*)py + (long)row * z.Q;
                var windows = z.At(row % z.P, 0);
                new Span<float>(plane + (long)windows.Top * z.W, z.W).CopyTo(sums);
                for (int h = windows.Top + 1; h < windows.Bottom; h++) TensorPrimitives.Add(sums, new Span<float>(plane + (long)h * z.W, z.W), sums);
                for (int q = 0; q < z.Q; q++)
                {
                    var window = z.At(row % z.P, q);
                    to[q] = Sum(sums, window.Left, window.Right) / window.Count;
                }
            }
        });
    }

    private protected override void AdaptiveAvgPool2dBackwardCore(View dy, View dx, AdaptivePool2dSizes sizes)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), px = (nint)Floats(dx);
        workers.For(z.Planes * z.H, RowsAtATime(z, z.H), (begin, last) =>
        {
            // Along a row the windows are the same for every row: their widths, and which of them hold a column.
            float* scratch = Gemm.Scratch.Take(2 * (z.Q + z.W));
            Span<float> shares = new(scratch, z.Q), widths = new(scratch + z.Q, z.Q);
            Span<int> first = new(scratch + 2 * z.Q, z.W), end = new(scratch + 2 * z.Q + z.W, z.W);
            for (int q = 0; q < z.Q; q++) widths[q] = z.At(0, q).Right - z.At(0, q).Left;
            for (int w = 0; w < z.W; w++) (first[w], end[w]) = (z.Over(0, w).Left, z.Over(0, w).Right);
            for (int row = begin; row < last; row++)
            {
                float* plane = (float*)py + (long)(row / z.H) * z.P * z.Q, to = (float*)px + (long)row * z.W;
                var results = z.Over(row % z.H, 0);
                shares.Clear();
                for (int p = results.Top; p < results.Bottom; p++)
                {
                    var window = z.At(p, 0);
                    float height = window.Bottom - window.Top;
                    for (int q = 0; q < shares.Length; q++) shares[q] += plane[(long)p * z.Q + q] / (height * widths[q]);
                }
                for (int w = 0; w < first.Length; w++) to[w] = Sum(shares, first[w], end[w]);
            }
        });
    }

    private static float Sum(ReadOnlySpan<float> row, int begin, int end)
    {
        float sum = row[begin];
        for (int i = begin + 1; i < end; i++) sum += row[i];
        return sum;
    }

    private static int RowsAtATime(AdaptivePool2dSizes z, int rows)
        => (int)Math.Clamp((long)ElementwiseGrain * rows / Math.Max(z.H * z.W, z.P * z.Q), 1, ElementwiseGrain);
}
