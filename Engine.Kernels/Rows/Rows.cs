namespace Engine.Kernels;

/// <summary>A table of Rows × Columns, and Count indices of its rows.</summary>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Columns">Numbers of a row.</param>
/// <param name="Count">How many indices.</param>
/// <param name="Skip">A row that <see cref="Device.ScatterAddRows"/> leaves as it is, padding for instance; −1 for none.</param>
public readonly record struct RowSizes(int Rows, int Columns, int Count, int Skip = -1);

public abstract partial class Device
{
    /// <summary>y[n] = x[indices[n]], row by row.</summary>
    /// <param name="x">Any type, (Rows, Columns).</param>
    /// <param name="indices">Int32, (Count), each in 0..Rows−1.</param>
    /// <param name="y">x's type, (Count, Columns).</param>
    /// <param name="sizes">The sizes.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void GatherRows(View x, View indices, View y, RowSizes sizes)
    {
        Mine(x, nameof(GatherRows), nameof(x));
        Check(x, x.DType, sizes.Rows * sizes.Columns);
        Check(indices, DType.Int32, sizes.Count);
        Check(y, x.DType, sizes.Count * sizes.Columns);
        if (y.Length > 0) GatherRowsCore(x, indices, y, sizes);
        Done(nameof(GatherRows), x, indices, y);
    }

    /// <summary>y[indices[n]] += x[n], row by row, in the order of n: an index that comes again gives the same bits on every run.</summary>
    /// <param name="x">Float32, (Count, Columns).</param>
    /// <param name="indices">Int32, (Count), each in 0..Rows−1.</param>
    /// <param name="y">Float32, (Rows, Columns).</param>
    /// <param name="sizes">The sizes.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void ScatterAddRows(View x, View indices, View y, RowSizes sizes)
    {
        Check(x, DType.Float32, sizes.Count * sizes.Columns);
        Check(indices, DType.Int32, sizes.Count);
        Check(y, DType.Float32, sizes.Rows * sizes.Columns);
        if (x.Length > 0) ScatterAddRowsCore(x, indices, y, sizes);
        Done(nameof(ScatterAddRows), x, indices, y);
    }

    /// <summary>y[indices[n]] = x[n], row by row.</summary>
    /// <param name="x">Any type, (Count, Columns).</param>
    /// <param name="indices">Int32, (Count), each in 0..Rows−1 and no two alike.</param>
    /// <param name="y">x's type, (Rows, Columns).</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="op">Who asks, for errors.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void ScatterRows(View x, View indices, View y, RowSizes sizes, string op = nameof(ScatterRows))
    {
        Mine(x, op, nameof(x));
        Check(x, x.DType, sizes.Count * sizes.Columns, op);
        Check(indices, DType.Int32, sizes.Count, op);
        Check(y, x.DType, sizes.Rows * sizes.Columns, op);
        if (x.Length > 0) ScatterRowsCore(x, indices, y, sizes, op);
        Done(nameof(ScatterRows), x, indices, y);
    }

    private protected abstract void GatherRowsCore(View x, View indices, View y, RowSizes sizes);

    private protected abstract void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes);

    private protected abstract void ScatterRowsCore(View x, View indices, View y, RowSizes sizes, string op);

    private protected static IndexException BadIndex(string kernel, int position, int index, int bound)
        => new($"{kernel}: the index {index} at position {position} is not in 0..{bound - 1}.");
}
