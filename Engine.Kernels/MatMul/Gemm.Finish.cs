namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Adds the bias to a part of C whose sums are complete, and applies the activation: row by row, so that the activation is a loop of its own,
    /// and not a choice for each vector.</summary>
    private static void Finish(in Product x, int row, int rows, int column, int columns)
    {
        if (x.Bias is null && x.Activation == Activation.None) return;
        float* gathered = stackalloc float[Gathered];
        for (int i = row; i < row + rows; i++)
        {
            float* c = x.C + i * x.CRow;
            if (x.CColumn == 1)
            {
                Finish(x, c + column, column, columns);
                continue;
            }
            for (int first = column; first < column + columns; first += Gathered)
            {
                int count = Math.Min(Gathered, column + columns - first);
                for (int j = 0; j < count; j++) gathered[j] = c[(first + j) * x.CColumn];
                Finish(x, gathered, first, count);
                for (int j = 0; j < count; j++) c[(first + j) * x.CColumn] = gathered[j];
            }
        }
    }

    /// <summary>Numbers of a row that does not lie together which are gathered at a time.</summary>
    private const int Gathered = 64;

    private static void Finish(in Product x, float* row, int column, int columns)
    {
        if (x.Bias is not null) CpuDevice.AddRow(x.Bias + column, row, columns);
        CpuDevice.Activate(row, columns, x.Activation);
    }
}
