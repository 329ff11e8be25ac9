using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void GatherRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        CheckRows(indices, sizes.Rows, nameof(GatherRows));
        int bytes = sizes.Columns * x.DType.Size();                 // of a row; offsets below are in bytes
        nint from = Address(x), rows = (nint)Pointer<int>(indices), to = Address(y);
        workers.For(sizes.Count, Math.Max(1, 4 * ElementwiseGrain / Math.Max(1, bytes)), (from, rows, to, bytes), static (begin, end, given) =>
        {
            var (from, rows, to, bytes) = given;
            for (int n = begin; n < end; n++)
                new ReadOnlySpan<byte>((byte*)from + (long)((int*)rows)[n] * bytes, bytes).CopyTo(new Span<byte>((byte*)to + (long)n * bytes, bytes));
        });
    }

    private protected override void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        CheckRows(indices, sizes.Rows, nameof(ScatterAddRows));
        nint from = (nint)Floats(x), rows = (nint)Pointer<int>(indices), to = (nint)Floats(y);
        const int columnsAtOnce = 64, sharesWanted = 16;
        // Each chunk owns some columns of y, and a share of its rows where columns alone make too few chunks; it goes through the share's indices in order.
        int across = Parts(sizes.Columns, columnsAtOnce);
        int shares = x.Length <= ElementwiseGrain ? 1 : Math.Clamp(sharesWanted / across, 1, sizes.Rows);
        int[] order = ArrayPool<int>.Shared.Rent(sizes.Count), ends = new int[shares + 2];
        Share(Span<int>(indices), sizes, order, ends);
        workers.For(across * shares, (from, rows, to, order, ends, across, sizes), static (chunk, given) =>
        {
            var (from, rows, to, order, ends, across, sizes) = given;
            int column = chunk % across * columnsAtOnce, count = Math.Min(columnsAtOnce, sizes.Columns - column), share = chunk / across;
            foreach (int n in order.AsSpan(ends[share]..ends[share + 1]))
                AddRow((float*)from + (long)n * sizes.Columns + column, (float*)to + (long)((int*)rows)[n] * sizes.Columns + column, count);
        });
        ArrayPool<int>.Shared.Return(order);
    }

    /// <summary>The positions of the indices by the share that their rows belong to, each share's in order: share s has order[ends[s]..ends[s + 1]].</summary>
    private static void Share(ReadOnlySpan<int> indices, RowSizes sizes, Span<int> order, Span<int> ends)
    {
        int shares = ends.Length - 2, rowsOfShare = Parts(sizes.Rows, shares);
        foreach (int row in indices)
            if (row != sizes.Skip) ends[row / rowsOfShare + 2]++;
        for (int s = 2; s < ends.Length; s++) ends[s] += ends[s - 1];
        for (int n = 0; n < indices.Length; n++)
            if (indices[n] != sizes.Skip) order[ends[indices[n] / rowsOfShare + 1]++] = n;
    }

    private protected override void ScatterRowsCore(View x, View indices, View y, RowSizes sizes, string op)
    {
        CheckRows(indices, sizes.Rows, op);
        int bytes = sizes.Columns * x.DType.Size();
        nint from = Address(x), rows = (nint)Pointer<int>(indices), to = Address(y);
        workers.For(sizes.Count, Math.Max(1, 4 * ElementwiseGrain / Math.Max(1, bytes)), (from, rows, to, bytes), static (begin, end, given) =>
        {
            var (from, rows, to, bytes) = given;
            for (int n = begin; n < end; n++)
                new ReadOnlySpan<byte>((byte*)from + (long)n * bytes, bytes).CopyTo(new Span<byte>((byte*)to + (long)((int*)rows)[n] * bytes, bytes));
        });
    }

    /// <summary>y += x.</summary>
    internal static void AddRow(float* x, float* y, int n) => AddRows(y, x, y, n);

    /// <summary>sum = x + y; it may be one of them.</summary>
    [MethodImpl(Alone)]
    private static void AddRows(float* x, float* y, float* sum, int n)
    {
        int i = 0;
        for (; i <= n - Width; i += Width) (Vector512.Load(x + i) + Vector512.Load(y + i)).Store(sum + i);
        for (; i < n; i++) sum[i] = x[i] + y[i];
    }

    /// <summary>Finds the first index out of range before any row is touched.</summary>
    private static void CheckRows(View indices, int rows, string kernel)
    {
        var index = Span<int>(indices);
        int bad = rows == 0 ? 0 : index.IndexOfAnyExceptInRange(0, rows - 1);
        if (bad >= 0) throw BadIndex(kernel, bad, index[bad], rows);
    }

    private static nint Address(View view) => (nint)Start(view.Storage) + (nint)view.Offset * view.DType.Size();
}
