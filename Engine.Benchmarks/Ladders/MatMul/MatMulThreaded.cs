namespace Engine.Benchmarks;

/// <summary>The blocks of rows are shared among threads. Sizes alone say how C is cut, so its bits are those of one thread.</summary>
internal static unsafe class MatMulThreaded
{
    private const int Rows = MatMulPacked.BlockRows, Depth = MatMulPacked.BlockDepth, Columns = MatMulRegisterTile.Columns;

    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        using Floats panels = new(Depth * MatMulPacked.Up(n, Columns));
        float* right = panels.At;
        for (int first = 0; first < k; first += Depth)
        {
            int p = first, depth = Math.Min(Depth, k - p);
            Parallel.For(0, (n + Columns - 1) / Columns, panel =>
            {
                int j = panel * Columns;
                MatMulPacked.PackColumns(b + p * n + j, n, right + j * depth, depth, Math.Min(Columns, n - j));
            });
            Parallel.For(0, (m + Rows - 1) / Rows, block =>
            {
                int i = block * Rows;
                MatMulPacked.Block(a + i * k + p, k, right, c + i * n, Math.Min(Rows, m - i), n, depth, accumulate: p > 0);
            });
        }
    }
}
