using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers that one thread takes at a time in an elementwise loop: 64 KiB of floats, well inside its second-level cache.</summary>
    private const int ElementwiseGrain = 16384;

    private protected override void UnaryCore<F>(View x, View y, double a, double b)
    {
        var (input, output) = ((nint)Floats(x), (nint)Floats(y));
        var (p, q) = ((float)a, (float)b);
        workers.For(x.Length, ElementwiseGrain, (input, output, p, q, IsPastCache(y, x)), static (begin, end, given) =>
        {
            var (input, output, p, q, past) = given;
            UnaryLoop<F>((float*)input, (float*)output, begin, end, p, q, past);
            if (past) Fence();
        });
    }

    private protected override void UnaryBackwardCore<F>(View v, View dy, View dx, double a, double b)
    {
        var (value, gradient, result) = ((nint)Floats(v), (nint)Floats(dy), (nint)Floats(dx));
        var (p, q) = ((float)a, (float)b);
        workers.For(v.Length, ElementwiseGrain, (value, gradient, result, p, q, IsPastCache(dx, v, dy)), static (begin, end, given) =>
        {
            var (value, gradient, result, p, q, past) = given;
            UnaryBackwardLoop<F>((float*)value, (float*)gradient, (float*)result, begin, end, p, q, past);
            if (past) Fence();
        });
    }

    /// <summary>How a loop over vectors is compiled: at once for good, since a first, slow form and what the runtime learns from it made some twice as slow, and by itself, since without
    /// AVX-512 the operators of vectors are methods, which stay calls in a method that has grown large: it took ten times as long and more. Functions within are not inlined unless they say so.</summary>
    private const MethodImplOptions Alone = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(Alone)]
    private static void UnaryLoop<F>(float* x, float* y, int begin, int end, float a, float b, bool past = false) where F : struct, IUnaryFunction
    {
        int i = begin;
        for (; i <= end - Width; i += Width) Put(F.Forward(Vector512.Load(x + i), a, b), y + i, past);
        if (i < end) UnaryTail<F>(x + i, y + i, end - i, a, b);
    }

    // Apart from the loop, so that the compiler's allowance for inlining is spent once a method.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UnaryTail<F>(float* x, float* y, int count, float a, float b) where F : struct, IUnaryFunction
        => StoreTail(F.Forward(LoadTail(x, count), a, b), y, count);

    [MethodImpl(Alone)]
    private static void UnaryBackwardLoop<F>(float* v, float* dy, float* dx, int begin, int end, float a, float b, bool past = false) where F : struct, IUnaryFunction
    {
        int i = begin;
        for (; i <= end - Width; i += Width) Put(Vector512.Load(dy + i) * F.Derivative(Vector512.Load(v + i), a, b), dx + i, past);
        if (i < end) UnaryBackwardTail<F>(v + i, dy + i, dx + i, end - i, a, b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UnaryBackwardTail<F>(float* v, float* dy, float* dx, int count, float a, float b) where F : struct, IUnaryFunction
        => StoreTail(LoadTail(dy, count) * F.Derivative(LoadTail(v, count), a, b), dx, count);

    /// <summary>Whether a result is written past the caches: it would not stay in them, and need not be read into them first.</summary>
    private static bool IsPastCache(View result, params ReadOnlySpan<View> operands)
    {
        long all = result.Length;
        foreach (var operand in operands)
        {
            if (Floats(operand) == Floats(result)) return false;    // it is in the cache already
            all += operand.Length;
        }
        return all >= PastCache && IsAtLine(Floats(result));
    }

    /// <summary>Numbers, operands and result together, of which the result is written past the caches: 48 MiB, half as much again as the last cache of the machine where 32 MiB
    /// were measured to be slower, and 48 faster.</summary>
    private const int PastCache = 12 << 20;

    private static bool IsAtLine(float* x) => (nint)x % (Width * sizeof(float)) == 0;

    /// <summary>What was written past the caches is there for every thread that learns of it.</summary>
    private static void Fence()
    {
        if (Sse.IsSupported) Sse.StoreFence();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<float> value, float* y, bool past)
    {
        if (past) value.StoreAlignedNonTemporal(y);
        else value.Store(y);
    }

    /// <summary>Floats in a vector.</summary>
    private const int Width = 16;

    // The last few numbers take the same vector path as the others, so that a number's bits do not depend on where a loop was cut.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> LoadTail(float* x, int count)
    {
        if (Avx512F.IsSupported) return Avx512F.MaskLoad(x, First(count), Vector512<float>.One);
        if (Avx2.IsSupported)
        {
            var mask = First(count);
            return Vector512.ConditionalSelect(mask, Vector512.Create(Avx.MaskLoad(x, mask.GetLower()), Avx.MaskLoad(x + Width / 2, mask.GetUpper())), Vector512<float>.One);
        }
        float* padded = stackalloc float[Width];
        for (int i = 0; i < Width; i++) padded[i] = i < count ? x[i] : 1;
        return Vector512.Load(padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreTail(Vector512<float> value, float* y, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(y, First(count), value);
            return;
        }
        if (Avx2.IsSupported)
        {
            var mask = First(count);
            Avx.MaskStore(y, mask.GetLower(), value.GetLower());
            Avx.MaskStore(y + Width / 2, mask.GetUpper(), value.GetUpper());
            return;
        }
        float* padded = stackalloc float[Width];
        value.Store(padded);
        for (int i = 0; i < count; i++) y[i] = padded[i];
    }

    /// <summary>A mask of the first <paramref name="count"/> numbers.</summary>
    internal static Vector512<float> First(int count) => Vector512.LessThan(Lanes, Vector512.Create(count)).AsSingle();

    /// <summary>0, 1, 2, …: <c>Vector512&lt;int&gt;.Indices</c>, which is made number by number where there is no AVX-512.</summary>
    internal static Vector512<int> Lanes => Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
