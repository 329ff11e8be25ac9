using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    // Sums are carried in double: a long line ends as exact as it begins.
    private protected override void CumulativeSumCore(View x, View y, ReduceSizes sizes, bool reversed)
    {
        nint px = (nint)Floats(x), py = (nint)Floats(y);
        int inner = sizes.Inner, blocks = Parts(inner, Width), first = reversed ? sizes.N - 1 : 0;
        nint step = reversed ? -inner : inner;
        workers.For(sizes.Outer * blocks, Math.Max(1, ElementwiseGrain / (sizes.N * Math.Min(inner, Width))), (begin, end) =>
        {
            for (int block = begin; block < end; block++)
            {
                int column = block % blocks * Width, count = Math.Min(Width, inner - column);
                long at = ((long)(block / blocks) * sizes.N + first) * inner + column;
                if (count == Width) SumSixteen((float*)px + at, (float*)py + at, sizes.N, step);
                else for (int i = 0; i < count; i++) SumOne((float*)px + at + i, (float*)py + at + i, sizes.N, step);
            }
        });
    }

    private static void SumOne(float* x, float* y, int n, nint step)
    {
        double sum = 0;
        for (; n > 0; n--, x += step, y += step) *y = (float)(sum += *x);
    }

    private static void SumSixteen(float* x, float* y, int n, nint step)
    {
        Vector512<double> low = default, high = default;
        for (; n > 0; n--, x += step, y += step)
        {
            var (a, b) = Vector512.Widen(Vector512.Load(x));
            low += a;
            high += b;
            Vector512.Narrow(low, high).Store(y);
        }
    }
}
