namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>The order of each row: x[row, y[row, 0]] comes first, then x[row, y[row, 1]], …. Numbers that are equal keep their order; NaN is
    /// the largest.</summary>
    /// <param name="x">Float32, (rows, columns).</param>
    /// <param name="y">Int32, (rows, columns).</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="descending">Whether the largest comes first.</param>
    public void ArgSort(View x, View y, int rows, int columns, bool descending)
    {
        Check(x, DType.Float32, rows * columns);
        Check(y, DType.Int32, rows * columns);
        if (y.Length > 0) ArgSortCore(x, y, rows, columns, descending);
        Done(nameof(ArgSort), x, y);
    }

    private protected abstract void ArgSortCore(View x, View y, int rows, int columns, bool descending);
}
