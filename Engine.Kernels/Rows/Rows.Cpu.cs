using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void GatherRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        CheckRows(indices, sizes.Rows, nameof(GatherRows));
        int bytes = sizes.Columns * x.DType.Size();                 // of a row; offsets below are in bytes
        nint from = Address(x), rows = (nint)Pointer<int>(indices), to = Address(y);
        workers.For(sizes.Count, Math.Max(1, 4 * ElementwiseGrain / Math.Max(1, bytes)), (begin, end) =>
        {
            for (int n = begin; n < end; n++)
                new ReadOnlySpan<byte>((byte*)from + (long)((int*)rows)[n] * bytes, bytes).CopyTo(new Span<byte>((byte*)to + (long)n * bytes, bytes));
        });
    }

    private protected override void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        const int columnsAtOnce = 64, chunksWanted = 16;
        CheckRows(indices, sizes.Rows, nameof(ScatterAddRows));
        nint from = (nint)Floats(x), rows = (nint)Pointer<int>(indices), to = (nint)Floats(y);
        // Each chunk owns some rows and columns of y, and walks all indices in order. Where columns alone make too few chunks, rows are cut too.
        int across = (sizes.Columns + columnsAtOnce - 1) / columnsAtOnce;
        int down = x.Length <= ElementwiseGrain ? 1 : Math.Clamp(chunksWanted / across, 1, sizes.Rows);
        int rowsAtOnce = (sizes.Rows + down - 1) / down;
        workers.For(across * down, chunk =>
        {
            int column = chunk % across * columnsAtOnce, count = Math.Min(columnsAtOnce, sizes.Columns - column), first = chunk / across * rowsAtOnce;
            for (int n = 0; n < sizes.Count; n++)
            {
                int row = ((int*)rows)[n];
                if ((uint)(row - first) < (uint)rowsAtOnce)
                    AddRow((float*)from + (long)n * sizes.Columns + column, (float*)to + (long)row * sizes.Columns + column, count);
            }
        });
    }

    private static void AddRow(float* x, float* y, int n)
    {
        int i = 0;
        for (; i <= n - Width; i += Width) (Vector512.Load(y + i) + Vector512.Load(x + i)).Store(y + i);
        for (; i < n; i++) y[i] += x[i];
    }

    /// <summary>Finds the first index out of range before any row is touched.</summary>
    private static void CheckRows(View indices, int rows, string kernel)
    {
        var index = Span<int>(indices);
        int bad = rows == 0 ? 0 : index.IndexOfAnyExceptInRange(0, rows - 1);
        if (bad >= 0) throw BadIndex(kernel, bad, index[bad], rows);
    }

    private static nint Address(View view) => (nint)((NativeBlock)view.Storage.Block).Pointer + (nint)view.Offset * view.DType.Size();
}
