using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void BinaryCore<F>(View a, View b, View y, BinarySizes sizes) => BinaryRows<F, FirstForm>(a, b, null, y, sizes);

    private protected override void BinaryBackwardCore<F>(View a, View b, View dy, View d, BinarySizes sizes, bool second)
    {
        if (second) BinaryRows<F, DerivativeBForm>(a, b, Floats(dy), d, sizes);
        else BinaryRows<F, DerivativeAForm>(a, b, Floats(dy), d, sizes);
    }

    private void BinaryRows<F, TForm>(View a, View b, float* dy, View y, BinarySizes sizes) where F : struct, IBinaryFunction where TForm : struct, IBinaryForm
        => Rows(y.Length, sizes, ((nint)Floats(a), (nint)Floats(b), (nint)dy, (nint)Floats(y), sizes.A.A5, sizes.B.A5,
            sizes.Sizes.A5 >= ElementwiseGrain / 4 && dy != Floats(y) && IsPastCache(y, a, b)), static (at, ua, ub, n, given) =>
        {
            var (pa, pb, pdy, py, strideA, strideB, past) = given;
            past &= IsAtLine((float*)py + at);                      // as rows of some lengths are not
            BinaryLoop<F, TForm>((float*)pa + ua, (float*)pb + ub, (float*)pdy + at, (float*)py + at, n, strideA, strideB, past);
            if (past) Fence();
        });

    /// <summary>Calls a body for stretches along the innermost axis, cut where rows end and at <see cref="ElementwiseGrain"/>: with the stretch's place in the
    /// result, those in the operands, and how long it is.</summary>
    private void Rows<T>(int count, BinarySizes sizes, T given, Action<int, int, int, int, T> body)
    {
        int inner = sizes.Sizes.A5;
        int rowsAtOnce = Math.Max(1, ElementwiseGrain / inner), piece = Math.Min(inner, ElementwiseGrain);
        int pieces = Parts(inner, piece), rows = count / inner;
        workers.For(Parts(rows, rowsAtOnce) * pieces, (sizes, rowsAtOnce, piece, pieces, rows, given, body), static (chunk, all) =>
        {
            var (sizes, rowsAtOnce, piece, pieces, rows, given, body) = all;
            int inner = sizes.Sizes.A5, begin = chunk % pieces * piece, n = Math.Min(piece, inner - begin);
            int last = Math.Min(rows, (chunk / pieces + 1) * rowsAtOnce);
            for (int row = chunk / pieces * rowsAtOnce; row < last; row++)
            {
                int at = row * inner + begin;
                body(at, sizes.Sizes.Offset(at, sizes.A), sizes.Sizes.Offset(at, sizes.B), n, given);
            }
        });
    }

    private interface IBinaryForm
    {
        static abstract Vector512<float> Of<F>(Vector512<float> a, Vector512<float> b, float* dy, int i, int left) where F : struct, IBinaryFunction;
    }

    private readonly struct FirstForm : IBinaryForm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of<F>(Vector512<float> a, Vector512<float> b, float* dy, int i, int left) where F : struct, IBinaryFunction
            => F.Forward(a, b);
    }

    private readonly struct DerivativeAForm : IBinaryForm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of<F>(Vector512<float> a, Vector512<float> b, float* dy, int i, int left) where F : struct, IBinaryFunction
            => Take(dy, i, 1, left) * F.DerivativeA(a, b);
    }

    private readonly struct DerivativeBForm : IBinaryForm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of<F>(Vector512<float> a, Vector512<float> b, float* dy, int i, int left) where F : struct, IBinaryFunction
            => Take(dy, i, 1, left) * F.DerivativeB(a, b);
    }

    /// <summary>One stretch along the innermost axis, where each operand has a stride of its own.</summary>
    private static void BinaryLoop<F, TForm>(float* a, float* b, float* dy, float* y, int n, int strideA, int strideB, bool past)
        where F : struct, IBinaryFunction where TForm : struct, IBinaryForm
    {
        if (strideA == 1 && strideB == 1) BinaryLoop<F, TForm, WalkInOrder, WalkInOrder>(a, b, dy, y, n, 1, 1, past);
        else if (strideA == 1 && strideB == 0) BinaryLoop<F, TForm, WalkInOrder, WalkRepeated>(a, b, dy, y, n, 1, 0, past);
        else if (strideA == 0 && strideB == 1) BinaryLoop<F, TForm, WalkRepeated, WalkInOrder>(a, b, dy, y, n, 0, 1, past);
        else BinaryLoop<F, TForm, WalkStrided, WalkStrided>(a, b, dy, y, n, strideA, strideB, past);
    }

    private static void BinaryLoop<F, TForm, TWalkA, TWalkB>(float* a, float* b, float* dy, float* y, int n, int strideA, int strideB, bool past)
        where F : struct, IBinaryFunction where TForm : struct, IBinaryForm where TWalkA : struct, IWalk where TWalkB : struct, IWalk
    {
        int i = 0;
        for (; i <= n - Width; i += Width)
            Put(TForm.Of<F>(TWalkA.Load(a, i, strideA), TWalkB.Load(b, i, strideB), dy, i, Width), y + i, past);
        if (i < n) StoreTail(TForm.Of<F>(Take(a, i, strideA, n - i), Take(b, i, strideB, n - i), dy, i, n - i), y + i, n - i);
    }

    /// <summary>How an operand lies along the innermost axis; known to the compiler, so that the loop over numbers in order holds no test.</summary>
    private interface IWalk
    {
        /// <summary>Sixteen numbers from i on.</summary>
        static abstract Vector512<float> Load(float* x, int i, int stride);
    }

    private readonly struct WalkInOrder : IWalk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* x, int i, int stride) => Vector512.Load(x + i);
    }

    private readonly struct WalkRepeated : IWalk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* x, int i, int stride) => Vector512.Create(*x);
    }

    private readonly struct WalkStrided : IWalk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* x, int i, int stride) => Take(x, i, stride, Width);
    }

    /// <summary>Up to sixteen numbers from i on: in order, one repeated, or strided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Take(float* x, int i, int stride, int left)
    {
        if (stride == 0) return Vector512.Create(*x);
        if (stride == 1) return left >= Width ? Vector512.Load(x + i) : LoadTail(x + i, left);
        return TakeStrided(x, i, stride, left);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> TakeStrided(float* x, int i, int stride, int left)
    {
        float* gathered = stackalloc float[Width];
        for (int k = 0; k < Width; k++) gathered[k] = k < left ? x[(i + k) * stride] : 1;
        return Vector512.Load(gathered);
    }
}
