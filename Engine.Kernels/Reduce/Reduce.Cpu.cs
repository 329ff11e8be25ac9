using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of one row that are reduced together; the states of a longer row's pieces are merged afterwards, pairwise.</summary>
    private const int ReducePiece = 16384;

    /// <summary>Rows that are reduced together where the results lie side by side: few, so that float sums stay accurate.</summary>
    private const int ReduceRows = 256;

    /// <summary>Columns that one thread takes at a time there.</summary>
    private const int ReduceColumns = 64;

    private protected override void ReduceCore<R, T>(View x, View y, ReduceSizes sizes, double scale)
    {
        if (sizes.Inner == 1) ReduceAlong<R, T>(x, y, sizes, (float)scale);
        else ReduceAcross<R, T>(x, y, sizes, (float)scale);
    }

    /// <summary>Each row of consecutive numbers into one.</summary>
    private void ReduceAlong<R, T>(View x, View y, ReduceSizes sizes, float scale) where R : struct, IReducer<T> where T : unmanaged
    {
        nint px = (nint)Floats(x), py = (nint)Pointer<T>(y);
        int n = sizes.N, pieces = Parts(n, ReducePiece);
        if (pieces <= 1)
        {
            workers.For(sizes.Outer, Math.Max(1, ReducePiece / Math.Max(1, n)), (px, py, n, scale), static (begin, end, given) =>
            {
                var (px, py, n, scale) = given;
                for (int row = begin; row < end; row++)
                    ((T*)py)[row] = R.Finish(StateOf<R, T>((float*)px + (long)row * n, 0, n), scale);
            });
            return;
        }
        int count = checked(sizes.Outer * pieces);
        using var room = new Temporary(this, (long)count * sizeof(ReduceState) / sizeof(float), R.Name);
        nint states = room.Pointer;
        workers.For(count, (px, n, pieces, states), static (at, given) =>
        {
            var (px, n, pieces, states) = given;
            int begin = at % pieces * ReducePiece;
            ((ReduceState*)states)[at] = StateOf<R, T>((float*)px + (long)(at / pieces) * n, begin, Math.Min(n, begin + ReducePiece));
        });
        for (int row = 0; row < sizes.Outer; row++)
            ((T*)py)[row] = R.Finish(MergeAll<R, T>(new Span<ReduceState>((ReduceState*)states + row * pieces, pieces)), scale);
    }

    /// <summary>Numbers begin..end−1 of a row: four vectors of states, merged; the last few numbers one by one.</summary>
    private static ReduceState StateOf<R, T>(float* x, int begin, int end) where R : struct, IReducer<T> where T : unmanaged
    {
        int i = begin;
        var state = R.Start();
        if (end - begin >= Width)
        {
            ReduceVectors s0 = R.StartVectors(), s1 = s0, s2 = s0, s3 = s0;
            var index = Lanes + Vector512.Create(begin);
            for (; i <= end - 4 * Width; i += 4 * Width)
            {
                s0 = R.Add(s0, Vector512.Load(x + i), index);
                s1 = R.Add(s1, Vector512.Load(x + i + Width), index + Vector512.Create(Width));
                s2 = R.Add(s2, Vector512.Load(x + i + 2 * Width), index + Vector512.Create(2 * Width));
                s3 = R.Add(s3, Vector512.Load(x + i + 3 * Width), index + Vector512.Create(3 * Width));
                index += Vector512.Create(4 * Width);
            }
            s0 = R.Merge(R.Merge(s0, s1), R.Merge(s2, s3));
            for (; i <= end - Width; i += Width)
            {
                s0 = R.Add(s0, Vector512.Load(x + i), index);
                index += Vector512.Create(Width);
            }
            state = MergeLanes<R, T>(s0);
        }
        for (; i < end; i++) state = R.Add(state, x[i], i);
        return state;
    }

    /// <summary>Sixteen states into one: the upper half into the lower one, four times.</summary>
    private static ReduceState MergeLanes<R, T>(ReduceVectors s) where R : struct, IReducer<T> where T : unmanaged
    {
        for (int half = Width / 2; half > 0; half /= 2)
            s = R.Merge(s, new ReduceVectors(Upper(s.A, half), Upper(s.B, half), Upper(s.I.AsSingle(), half).AsInt32()));
        return new ReduceState(s.A.ToScalar(), s.B.ToScalar(), s.I.ToScalar());
    }

    /// <summary>Lanes half..2·half−1 moved to the front; what stands behind them has no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Upper(Vector512<float> v, int half)
    {
        if (half == 8) return v.GetUpper().ToVector512();
        var quarter = half == 4 ? v.GetLower().GetUpper()
            : Vector128.Shuffle(v.GetLower().GetLower(), half == 2 ? Vector128.Create(2, 3, 2, 3) : Vector128.Create(1, 1, 1, 1));
        return quarter.ToVector256().ToVector512();
    }

    /// <summary>Pairwise, in place, so that the error grows with the logarithm of the count.</summary>
    private static ReduceState MergeAll<R, T>(Span<ReduceState> states) where R : struct, IReducer<T> where T : unmanaged
    {
        for (int step = 1; step < states.Length; step *= 2)
            for (int i = 0; i + step < states.Length; i += 2 * step)
                states[i] = R.Merge(states[i], states[i + step]);
        return states[0];
    }

    /// <summary>Each column of a matrix into one number, for each matrix: sixteen columns at a time, whole rows as vectors.</summary>
    private void ReduceAcross<R, T>(View x, View y, ReduceSizes sizes, float scale) where R : struct, IReducer<T> where T : unmanaged
    {
        nint px = (nint)Floats(x), py = (nint)Pointer<T>(y);
        var (outer, n, inner) = sizes;
        int pieces = Math.Max(1, Parts(n, ReduceRows)), blocks = Parts(inner, ReduceColumns);
        int work = Math.Min(n, ReduceRows) * Math.Min(inner, ReduceColumns);
        int vectors = Parts(inner, Width);
        var partial = pieces > 1 ? Allocate(DType.Float32, checked(outer * pieces * vectors * (sizeof(ReduceVectors) / sizeof(float))), R.Name) : null;
        nint states = partial is null ? 0 : (nint)Floats(new View(partial));
        long length = x.Length;
        workers.For(outer * pieces * blocks, Math.Max(1, ElementwiseGrain / Math.Max(1, work)), (px, py, states, length, n, inner, pieces, blocks, vectors, scale), static (begin, end, given) =>
        {
            var (px, py, states, length, n, inner, pieces, blocks, vectors, scale) = given;
            for (int at = begin; at < end; at++)
            {
                int piece = at / blocks % pieces, o = at / blocks / pieces, column = at % blocks * ReduceColumns;
                int last = Math.Min(inner, column + ReduceColumns), row = piece * ReduceRows;
                long from = (long)o * n * inner + column;
                var s = new FourStates();
                FourStatesOf<R, T>((float*)px + from, length - from, inner, row, Math.Min(n, row + ReduceRows), last - column, ref s);
                for (int v = 0; column < last; v++, column += Width)
                {
                    if (pieces > 1) ((ReduceVectors*)states)[((long)o * pieces + piece) * vectors + column / Width] = s[v];
                    else StoreResults<R, T>(s[v], (T*)py + (long)o * inner + column, inner - column, scale);
                }
            }
        });
        if (partial is null) return;
        for (int o = 0; o < outer; o++)
            for (int v = 0; v < vectors; v++)
            {
                var row = (ReduceVectors*)states + (long)o * pieces * vectors + v;
                for (int step = 1; step < pieces; step *= 2)
                    for (int i = 0; i + step < pieces; i += 2 * step)
                        row[(long)i * vectors] = R.Merge(row[(long)i * vectors], row[(long)(i + step) * vectors]);
                StoreResults<R, T>(row[0], (T*)py + (long)o * inner + v * Width, inner - v * Width, scale);
            }
        partial.Release(R.Name);
    }

    [InlineArray(ReduceColumns / Width)]
    private struct FourStates
    {
        private ReduceVectors first;
    }

    /// <summary>Rows begin..end−1 of up to 64 columns: all of them row by row, or sixteen after sixteen where there are fewer.</summary>
    private static void FourStatesOf<R, T>(float* x, long left, int stride, int begin, int end, int columns, ref FourStates states)
        where R : struct, IReducer<T> where T : unmanaged
    {
        if (columns < ReduceColumns)
        {
            for (int v = 0; v * Width < columns; v++) states[v] = StatesOf<R, T>(x + v * Width, left - v * Width, stride, begin, end);
            return;
        }
        ReduceVectors s0 = R.StartVectors(), s1 = s0, s2 = s0, s3 = s0;
        float* row = x + (long)begin * stride;
        for (int n = begin; n < end; n++, row += stride)
        {
            var index = Vector512.Create(n);
            s0 = R.Add(s0, Vector512.Load(row), index);
            s1 = R.Add(s1, Vector512.Load(row + Width), index);
            s2 = R.Add(s2, Vector512.Load(row + 2 * Width), index);
            s3 = R.Add(s3, Vector512.Load(row + 3 * Width), index);
        }
        (states[0], states[1], states[2], states[3]) = (s0, s1, s2, s3);
    }

    /// <summary>Rows begin..end−1 of sixteen columns; lanes past the last column hold numbers of no meaning.</summary>
    private static ReduceVectors StatesOf<R, T>(float* x, long left, int stride, int begin, int end) where R : struct, IReducer<T> where T : unmanaged
    {
        // Whole vectors may be read in all rows but the last of the tensor.
        int whole = (int)Math.Clamp((left - Width) / stride + 1, begin, end), n = begin;
        if (left < Width) whole = begin;
        ReduceVectors s0 = R.StartVectors(), s1 = s0, s2 = s0, s3 = s0;
        for (; n <= whole - 4; n += 4)
        {
            s0 = R.Add(s0, Vector512.Load(x + (long)n * stride), Vector512.Create(n));
            s1 = R.Add(s1, Vector512.Load(x + (n + 1L) * stride), Vector512.Create(n + 1));
            s2 = R.Add(s2, Vector512.Load(x + (n + 2L) * stride), Vector512.Create(n + 2));
            s3 = R.Add(s3, Vector512.Load(x + (n + 3L) * stride), Vector512.Create(n + 3));
        }
        s0 = R.Merge(R.Merge(s0, s1), R.Merge(s2, s3));
        for (; n < whole; n++) s0 = R.Add(s0, Vector512.Load(x + (long)n * stride), Vector512.Create(n));
        for (; n < end; n++) s0 = R.Add(s0, LoadTail(x + (long)n * stride, (int)Math.Min(Width, left - (long)n * stride)), Vector512.Create(n));
        return s0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreResults<R, T>(ReduceVectors s, T* y, int count, float scale) where R : struct, IReducer<T> where T : unmanaged
    {
        var results = R.Finish(s, scale);
        if (count >= Width) results.Store(y);
        else StoreTail(results.AsSingle(), (float*)y, count);       // float or int: moved bit by bit
    }
}
