using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <remarks>A plane is copied into a window, padding included, in which the numbers that sixteen neighbouring results need from one place of
/// their own windows lie side by side.</remarks>
public sealed unsafe partial class CpuDevice
{
    private protected override void MaxPool2dForwardCore(View x, View y, Pool2dSizes sizes, View? argmax)
    {
        var z = sizes;
        nint px = (nint)Floats(x), py = (nint)Floats(y), pa = argmax is { } given ? (nint)Pointer<int>(given) : 0;
        if (Avx2.IsSupported && Halves(z))
        {
            workers.For(z.Planes, PlanesAtATime(z), (z, px, py, pa), static (begin, end, given) =>
            {
                var (z, px, py, pa) = given;
                for (int plane = begin; plane < end; plane++)
                {
                    long at = (long)plane * z.P * z.Q;
                    float* from = (float*)px + (long)plane * z.H * z.W, to = (float*)py + at, places = pa == 0 ? null : (float*)pa + at;
                    if (Avx512F.IsSupported) HalvePlane(z, from, to, places);
                    else HalvePlaneByEights(z, from, to, places);
                }
            });
            return;
        }
        ForEachWindow(z, Floats(x), float.NegativeInfinity, (z, py, pa), static (plane, window, given) =>
        {
            var (z, py, pa) = given;
            long at = (long)plane * z.P * z.Q;
            MaxPoolPlane(z, window, (float*)py + at, pa == 0 ? null : (float*)pa + at);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxPoolPlane(Pool2dSizes z, in PoolWindow window, float* y, float* argmax)
    {
        var lanes = Lanes * z.StrideW;
        int height = z.P, width = z.Q;
        for (int p = 0; p < height; p++)
            for (int q = 0; q < width; q += Width)
            {
                // Where each window begins, and the first of its numbers that is no padding.
                int top = p * z.StrideH - z.PadH;
                var left = lanes + Vector512.Create(q * z.StrideW - z.PadW);
                var arg = Vector512.Max(left, Vector512<int>.Zero) + Vector512.Create(Math.Max(top, 0) * z.W);
                var at = left + Vector512.Create(top * z.W);
                var best = Vector512.Create(float.NegativeInfinity);
                float* from = window.Numbers + p * window.RowStep + q;
                for (int tap = 0; tap < window.Taps; tap++)
                {
                    var value = Vector512.Load(from + window.Offsets[tap]);
                    // A larger number or a NaN, unless a NaN was found before.
                    var better = Vector512.AndNot(Vector512.Equals(best, best), Vector512.LessThanOrEqual(value, best));
                    best = Vector512.ConditionalSelect(better, value, best);
                    arg = Vector512.ConditionalSelect(better.AsInt32(), at + Vector512.Create(window.Places[tap]), arg);
                }
                int count = Math.Min(Width, width - q);
                StoreTail(best, y, count);
                y += count;
                if (argmax is null) continue;
                StoreTail(arg.AsSingle(), argmax, count);
                argmax += count;
            }
    }

    private protected override void MaxPool2dBackwardCore(View argmax, View dy, View dx, Pool2dSizes sizes)
    {
        var z = sizes;
        nint pa = (nint)Pointer<int>(argmax), py = (nint)Floats(dy), px = (nint)Floats(dx);
        workers.For(z.Planes, PlanesAtATime(z), (z, pa, py, px), static (begin, end, given) =>
        {
            var (z, pa, py, px) = given;
            int results = z.P * z.Q;
            for (int plane = begin; plane < end; plane++)
            {
                int* arg = (int*)pa + (long)plane * results;
                float* from = (float*)py + (long)plane * results, to = (float*)px + (long)plane * z.H * z.W;
                if (Avx512F.IsSupported && Halves(z))
                {
                    UnhalvePlane(z, arg, from, to);
                    continue;
                }
                if (Avx2.IsSupported && Halves(z) && z.Q >= Eight)
                {
                    UnhalvePlaneByEights(z, arg, from, to);
                    continue;
                }
                new Span<float>(to, z.H * z.W).Clear();
                for (int i = 0; i < results; i++) to[arg[i]] += from[i];
            }
        });
    }

    private protected override void AvgPool2dForwardCore(View x, View y, Pool2dSizes sizes, bool countPadding)
    {
        var z = sizes;
        nint py = (nint)Floats(y);
        ForEachWindow(z, Floats(x), 0, (z, py, countPadding), static (plane, window, given)
            => AvgPoolPlane(given.z, window, (float*)given.py + (long)plane * given.z.P * given.z.Q, given.countPadding));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AvgPoolPlane(Pool2dSizes z, in PoolWindow window, float* y, bool countPadding)
    {
        int height = z.P, width = z.Q;
        for (int p = 0; p < height; p++)
            for (int q = 0; q < width; q += Width)
            {
                var sum = Vector512<float>.Zero;
                float* from = window.Numbers + p * window.RowStep + q;
                for (int tap = 0; tap < window.Taps; tap++) sum += Vector512.Load(from + window.Offsets[tap]);
                int count = Math.Min(Width, width - q);
                StoreTail(sum / WindowSize(z, p, q, countPadding), y, count);
                y += count;
            }
    }

    private protected override void AvgPool2dBackwardCore(View dy, View dx, Pool2dSizes sizes, bool countPadding)
    {
        var z = sizes;
        nint py = (nint)Floats(dy), px = (nint)Floats(dx);
        workers.For(z.Planes, PlanesAtATime(z), (z, py, px, countPadding), static (begin, end, given) =>
        {
            var (z, py, px, countPadding) = given;
            int height = z.P, width = z.Q;
            float* shares = Gemm.Scratch.Take(height * width + 2 * Width) + Width;
            for (int plane = begin; plane < end; plane++)
            {
                float* from = (float*)py + (long)plane * height * width, to = shares;
                for (int p = 0; p < height; p++)
                    for (int q = 0; q < width; q += Width)
                    {
                        int count = Math.Min(Width, width - q);
                        StoreTail(LoadTail(from, count) / WindowSize(z, p, q, countPadding), to, count);
                        from += count;
                        to += count;
                    }
                new Span<float>((float*)px + (long)plane * z.H * z.W, z.H * z.W).Clear();
                // A convolution whose products are the same for every tap.
                Gather(z.AsConvolution, new ConvBlock(plane, 1, 0, height), shares, 0, (float*)px, 0, 1);
            }
        });
    }

    /// <summary>How many numbers each of sixteen windows holds, from that of result (p, q) on.</summary>
    private static Vector512<float> WindowSize(Pool2dSizes z, int p, int q, bool countPadding)
    {
        if (countPadding) return Vector512.Create((float)(z.R * z.S));
        var left = Vector512.Create(q * z.StrideW - z.PadW) + Lanes * z.StrideW;
        var columns = Vector512.Min(left + Vector512.Create(z.S), Vector512.Create(z.W)) - Vector512.Max(left, Vector512<int>.Zero);
        int top = p * z.StrideH - z.PadH;
        return Vector512.ConvertToSingle(columns * (Math.Min(top + z.R, z.H) - Math.Max(top, 0)));
    }

    /// <summary>A plane, padding included, laid out as <see cref="ConvWindow"/> says.</summary>
    private readonly struct PoolWindow(float* numbers, int rowStep, int taps, int* offsets, int* places)
    {
        public readonly float* Numbers = numbers;
        public readonly int RowStep = rowStep, Taps = taps;
        /// <summary>Where the first result finds each number of its window.</summary>
        public readonly int* Offsets = offsets;
        /// <summary>How far that number lies from its window's first in x.</summary>
        public readonly int* Places = places;
    }

    private void ForEachWindow<T>(Pool2dSizes z, float* x, float padding, T given, Action<int, PoolWindow, T> body)
    {
        nint px = (nint)x;
        workers.For(z.Planes, PlanesAtATime(z), (z, px, padding, given, body), static (begin, end, all) =>
        {
            var (z, px, padding, given, body) = all;
            int taps = z.R * z.S;
            var first = new ConvWindow(z.AsConvolution, new ConvBlock(0, 1, 0, z.P));
            int* offsets = (int*)Gemm.Scratch.Take(2 * taps + first.ChannelStep + ConvWindow.Slack), places = offsets + taps;
            float* numbers = (float*)(places + taps);
            for (int tap = 0; tap < taps; tap++) (offsets[tap], places[tap]) = (first.Offset(tap), tap / z.S * z.W + tap % z.S);
            for (int plane = begin; plane < end; plane++)
            {
                new ConvWindow(z.AsConvolution, new ConvBlock(plane, 1, 0, z.P)).Fill((float*)px, 0, 1, numbers, padding);
                body(plane, new PoolWindow(numbers, first.RowStep, taps, offsets, places), given);
            }
        });
    }

    private static int PlanesAtATime(Pool2dSizes z) => Math.Max(1, ElementwiseGrain / Math.Max(1, Math.Max(z.H * z.W, z.P * z.Q)));
}
