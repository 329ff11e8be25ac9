namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_nd = x_{i_n}d
    private protected override void GatherRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int n = 0; n < sizes.Count; n++)
        {
            int row = Row(indices, n, sizes, nameof(GatherRows));
            for (int d = 0; d < sizes.Columns; d++) Y[n * sizes.Columns + d] = X[row * sizes.Columns + d];
        }
    }

    // y_{i_n}d ← y_{i_n}d + x_nd, but for i_n = skip
    private protected override void ScatterAddRowsCore(View x, View indices, View y, RowSizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int n = 0; n < sizes.Count; n++)
        {
            int row = Row(indices, n, sizes, nameof(ScatterAddRows));
            if (row == sizes.Skip) continue;
            for (int d = 0; d < sizes.Columns; d++) Y[row * sizes.Columns + d] += X[n * sizes.Columns + d];
        }
    }

    // y_{i_n}d ← x_nd
    private protected override void ScatterRowsCore(View x, View indices, View y, RowSizes sizes, string op)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int n = 0; n < sizes.Count; n++)
        {
            int row = Row(indices, n, sizes, op);
            for (int d = 0; d < sizes.Columns; d++) Y[row * sizes.Columns + d] = X[n * sizes.Columns + d];
        }
    }

    private static int Row(View indices, int n, RowSizes sizes, string kernel)
    {
        int row = (int)Values(indices)[n];
        return (uint)row < (uint)sizes.Rows ? row : throw BadIndex(kernel, n, row, sizes.Rows);
    }
}
