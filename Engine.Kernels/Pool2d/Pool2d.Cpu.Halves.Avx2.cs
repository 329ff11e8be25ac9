using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <remarks>Windows of 2×2 side by side, eight results at a time with AVX2. The last eight of a row begin among those before; where a row has fewer, what is
/// beyond it is written again with the next row, and masked in the last ones alone, for a masked store takes many times a plain one's time.</remarks>
public sealed unsafe partial class CpuDevice
{
    private const int Eight = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void HalvePlaneByEights(Pool2dSizes z, float* x, float* y, float* argmax)
    {
        int height = z.P, width = z.Q;
        bool whole = width >= Eight;
        var even = Vector256<int>.Indices + Vector256<int>.Indices;
        Vector256<float> low = FirstOfEight(2 * width), high = FirstOfEight(2 * width - Eight), few = FirstOfEight(width);
        for (int p = 0; p < height; p++)
            for (int next = 0; next < width; next += Eight)
            {
                int q = whole ? Math.Min(next, width - Eight) : 0, at = 2 * (p * z.W + q), result = p * width + q;
                float* above = x + at, below = above + z.W;
                Vector256<float> a = Eights(above, low, whole), aRight = Eights(above + Eight, high, whole);
                Vector256<float> b = Eights(below, low, whole), bRight = Eights(below + Eight, high, whole);
                var place = even + Vector256.Create(at);
                var (best, arg) = Larger(Evens(a, aRight), place, Odds(a, aRight), place + Vector256<int>.One);
                var (other, otherArg) = Larger(Evens(b, bRight), place + Vector256.Create(z.W), Odds(b, bRight), place + Vector256.Create(z.W + 1));
                (best, arg) = Larger(best, arg, other, otherArg);
                bool inside = result + Eight <= height * width;
                if (inside) best.Store(y + result);
                else Avx.MaskStore(y + result, few, best);
                if (argmax is null) continue;
                if (inside) arg.AsSingle().Store(argmax + result);
                else Avx.MaskStore(argmax + result, few, arg.AsSingle());
            }
    }

    /// <summary>What windows give back to x, in rows of eight or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnhalvePlaneByEights(Pool2dSizes z, int* argmax, float* dy, float* dx)
    {
        int height = z.P, width = z.Q;
        var even = Vector256<int>.Indices + Vector256<int>.Indices;
        for (int p = 0; p < height; p++)
        {
            for (int next = 0; next < width; next += Eight)
            {
                int q = Math.Min(next, width - Eight), at = 2 * (p * z.W + q), result = p * width + q;
                var arg = Vector256.Load(argmax + result) - Vector256.Create(at);
                var gradient = Vector256.Load(dy + result);
                for (int row = 0; row < 2; row++)
                {
                    float* to = dx + at + row * z.W;
                    var left = gradient & Vector256.Equals(arg, even + Vector256.Create(row * z.W)).AsSingle();
                    var right = gradient & Vector256.Equals(arg, even + Vector256.Create(row * z.W + 1)).AsSingle();
                    Vector256<float> low = Avx.UnpackLow(left, right), high = Avx.UnpackHigh(left, right);
                    Avx.Permute2x128(low, high, 0x20).Store(to);
                    Avx.Permute2x128(low, high, 0x31).Store(to + Eight);
                }
            }
            ClearBeside(z, p, dx);
        }
        ClearBelow(z, dx);
    }

    private static Vector256<float> FirstOfEight(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eights(float* x, Vector256<float> mask, bool whole) => whole ? Vector256.Load(x) : Avx.MaskLoad(x, mask);

    // Numbers 0, 2, 4, … of two vectors side by side, and 1, 3, 5, …: shuffled within each half, which leaves the quarters as 0, 2, 1, 3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Evens(Vector256<float> left, Vector256<float> right) => Ordered(Avx.Shuffle(left, right, 0b10_00_10_00));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Odds(Vector256<float> left, Vector256<float> right) => Ordered(Avx.Shuffle(left, right, 0b11_01_11_01));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Ordered(Vector256<float> quarters) => Avx2.Permute4x64(quarters.AsDouble(), 0b11_01_10_00).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Value, Vector256<int> Place) Larger(Vector256<float> a, Vector256<int> placeA, Vector256<float> b, Vector256<int> placeB)
    {
        var better = Avx.CompareNotLessThanOrEqual(b, a) & Avx.CompareOrdered(a, a);
        return (Avx.BlendVariable(a, b, better), Avx.BlendVariable(placeA.AsSingle(), placeB.AsSingle(), better).AsInt32());
    }
}
