using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void GatherRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: GatherRows<int>(x, indices, y, sizes); break;
            case 2: GatherRows<ushort>(x, indices, y, sizes); break;
            default: GatherRows<byte>(x, indices, y, sizes); break;
        }
    }

    private void GatherRows<T>(View x, View indices, View y, RowSizes sizes) where T : unmanaged
    {
        var (words, code) = ErrorFor(nameof(GatherRows));
        Launch(GatherRowsKernel, Linear(y.Length), Array<T>(x), Ints(indices), Array<T>(y), sizes, words, code);
    }

    private static void GatherRowsKernel<T>(ArrayView<T> x, ArrayView<int> indices, ArrayView<T> y, RowSizes z, ArrayView<int> words, int code) where T : unmanaged
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Count * z.Columns) return;
        int n = i / z.Columns, d = i % z.Columns, row = indices[n];
        if (row < 0 || row >= z.Rows)
        {
            if (d == 0) ErrorWord.Set(words, code, row, z.Rows, n);
            return;
        }
        y[i] = x[row * z.Columns + d];
    }

    // The indices are sorted, stably: then what is added to one row lies together, in its order, and one thread a column adds it up.
    private protected override void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        var (words, code) = ErrorFor(nameof(ScatterAddRows));
        var order = Allocate(DType.Int32, sizes.Count, nameof(ScatterAddRows));
        // The bits of a number from 0 on, taken for a float's, have its order.
        ArgSortCore(indices, new View(order), 1, sizes.Count, descending: false);
        Launch(ScatterAddRowsKernel, Linear(x.Length), Floats(x), Ints(indices), Ints(new View(order)), Floats(y), sizes, words, code);
        order.Release(nameof(ScatterAddRows));
    }

    private static void ScatterAddRowsKernel(ArrayView<float> x, ArrayView<int> indices, ArrayView<int> order, ArrayView<float> y, RowSizes z, ArrayView<int> words, int code)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Count * z.Columns) return;
        int k = i / z.Columns, d = i % z.Columns, n = order[k], row = indices[n];
        if (row < 0 || row >= z.Rows)
        {
            if (d == 0) ErrorWord.Set(words, code, row, z.Rows, n);
            return;
        }
        if (row == z.Skip || (k > 0 && indices[order[k - 1]] == row)) return;
        float sum = y[row * z.Columns + d];
        for (; k < z.Count; k++)
        {
            n = order[k];
            if (indices[n] != row) break;
            sum += x[n * z.Columns + d];
        }
        y[row * z.Columns + d] = sum;
    }

    private protected override void ScatterRowsCore(View x, View indices, View y, RowSizes sizes, string op)
    {
        switch (x.DType.Size())
        {
            case 4: ScatterRows<int>(x, indices, y, sizes, op); break;
            case 2: ScatterRows<ushort>(x, indices, y, sizes, op); break;
            default: ScatterRows<byte>(x, indices, y, sizes, op); break;
        }
    }

    private void ScatterRows<T>(View x, View indices, View y, RowSizes sizes, string op) where T : unmanaged
    {
        var (words, code) = ErrorFor(op);
        Launch(ScatterRowsKernel, Linear(x.Length), Array<T>(x), Ints(indices), Array<T>(y), sizes, words, code);
    }

    private static void ScatterRowsKernel<T>(ArrayView<T> x, ArrayView<int> indices, ArrayView<T> y, RowSizes z, ArrayView<int> words, int code) where T : unmanaged
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Count * z.Columns) return;
        int n = i / z.Columns, d = i % z.Columns, row = indices[n];
        if (row < 0 || row >= z.Rows)
        {
            if (d == 0) ErrorWord.Set(words, code, row, z.Rows, n);
            return;
        }
        y[row * z.Columns + d] = x[i];
    }
}
