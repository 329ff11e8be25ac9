using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <remarks>Windows of 2×2 side by side, by which most networks pool: straight from x, sixteen results at a time with AVX-512.</remarks>
public sealed unsafe partial class CpuDevice
{
    private static bool Halves(Pool2dSizes z) => z is { R: 2, S: 2, StrideH: 2, StrideW: 2, PadH: 0, PadW: 0 };

    private static Vector512<int> EvenLanes => Vector512.CreateSequence(0, 2);

    // 0, 16, 1, 17, ...: the first half of two vectors, number by number.
    private static Vector512<int> Interleaved => (Vector512<int>.Indices >>> 1) + (Vector512<int>.Indices & Vector512<int>.One) * 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void HalvePlane(Pool2dSizes z, float* x, float* y, float* argmax)
    {
        Vector512<int> even = EvenLanes, odd = even + Vector512<int>.One;
        int height = z.P, width = z.Q;
        for (int p = 0; p < height; p++)
            for (int q = 0; q < width; q += Width)
            {
                int at = 2 * p * z.W + 2 * q, count = Math.Min(Width, width - q);
                Vector512<float> low = First(2 * count), high = First(2 * count - Width), none = default;
                Vector512<float> above = Avx512F.MaskLoad(x + at, low, none), aboveRight = Avx512F.MaskLoad(x + at + Width, high, none);
                Vector512<float> below = Avx512F.MaskLoad(x + at + z.W, low, none), belowRight = Avx512F.MaskLoad(x + at + z.W + Width, high, none);
                var place = even + Vector512.Create(at);
                var (best, arg) = Larger(Avx512F.PermuteVar16x32x2(above, even, aboveRight), place,
                    Avx512F.PermuteVar16x32x2(above, odd, aboveRight), place + Vector512<int>.One);
                var (other, otherArg) = Larger(Avx512F.PermuteVar16x32x2(below, even, belowRight), place + Vector512.Create(z.W),
                    Avx512F.PermuteVar16x32x2(below, odd, belowRight), place + Vector512.Create(z.W + 1));
                (best, arg) = Larger(best, arg, other, otherArg);
                var mask = First(count);
                Avx512F.MaskStore(y, mask, best);
                y += count;
                if (argmax is null) continue;
                Avx512F.MaskStore(argmax, mask, arg.AsSingle());
                argmax += count;
            }
    }

    /// <summary>The larger number of each lane and its place; a NaN is larger than all, and of equal ones the first stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Value, Vector512<int> Place) Larger(Vector512<float> a, Vector512<int> placeA, Vector512<float> b, Vector512<int> placeB)
    {
        var better = Avx512F.CompareNotLessThanOrEqual(b, a) & Avx512F.CompareOrdered(a, a);
        return (Vector512.ConditionalSelect(better, b, a), Vector512.ConditionalSelect(better.AsInt32(), placeB, placeA));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnhalvePlane(Pool2dSizes z, int* argmax, float* dy, float* dx)
    {
        Vector512<int> even = EvenLanes, first = Interleaved, second = first + Vector512.Create(8);
        int height = z.P, width = z.Q;
        for (int p = 0; p < height; p++)
        {
            for (int q = 0; q < width; q += Width)
            {
                int at = 2 * p * z.W + 2 * q, count = Math.Min(Width, width - q);
                var mask = First(count);
                var arg = Avx512F.MaskLoad((float*)argmax, mask, default).AsInt32() - Vector512.Create(at);
                var gradient = Avx512F.MaskLoad(dy, mask, default);
                Vector512<float> low = First(2 * count), high = First(2 * count - Width);
                for (int row = 0; row < 2; row++)
                {
                    var left = gradient & Vector512.Equals(arg, even + Vector512.Create(row * z.W)).AsSingle();
                    var right = gradient & Vector512.Equals(arg, even + Vector512.Create(row * z.W + 1)).AsSingle();
                    Avx512F.MaskStore(dx + at + row * z.W, low, Avx512F.PermuteVar16x32x2(left, first, right));
                    Avx512F.MaskStore(dx + at + row * z.W + Width, high, Avx512F.PermuteVar16x32x2(left, second, right));
                }
                argmax += count;
                dy += count;
            }
            ClearBeside(z, p, dx);
        }
        ClearBelow(z, dx);
    }

    // A column and a row left over belong to no window.
    private static void ClearBeside(in Pool2dSizes z, int p, float* dx)
    {
        if (2 * z.Q < z.W) dx[2 * p * z.W + z.W - 1] = dx[(2 * p + 1) * z.W + z.W - 1] = 0;
    }

    private static void ClearBelow(in Pool2dSizes z, float* dx) => new Span<float>(dx + 2 * z.P * z.W, (z.H - 2 * z.P) * z.W).Clear();
}
