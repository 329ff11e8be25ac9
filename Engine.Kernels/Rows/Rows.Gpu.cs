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

    private protected override void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        const int threadsWanted = 16384;
        var (words, code) = ErrorFor(nameof(ScatterAddRows));
        int down = Math.Clamp(threadsWanted / sizes.Columns, 1, Math.Max(1, sizes.Rows)), rowsAtOnce = (sizes.Rows + down - 1) / down;
        Launch(ScatterAddRowsKernel, Linear(sizes.Columns * down), Floats(x), Ints(indices), Floats(y), sizes, rowsAtOnce, words, code);
    }

    // A thread owns one column of some rows of y, and walks all indices in order; a warp walks together, and reads and writes along a row.
    private static void ScatterAddRowsKernel(ArrayView<float> x, ArrayView<int> indices, ArrayView<float> y, RowSizes z, int rowsAtOnce, ArrayView<int> words, int code)
    {
        int i = Grid.GlobalIndex.X, d = i % z.Columns, first = i / z.Columns * rowsAtOnce;
        if (first >= z.Rows && i > 0) return;
        for (int n = 0; n < z.Count; n++)
        {
            int row = indices[n];
            if (row < 0 || row >= z.Rows)
            {
                if (i == 0) ErrorWord.Set(words, code, row, z.Rows, n);
            }
            else if (row >= first && row < first + rowsAtOnce)
            {
                y[row * z.Columns + d] += x[n * z.Columns + d];
            }
        }
    }
}
