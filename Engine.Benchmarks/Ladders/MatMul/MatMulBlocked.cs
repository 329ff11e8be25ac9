namespace Engine.Benchmarks;

/// <summary>The sum is cut so that a panel of B stays in the first cache (128 · 32 floats, 16 KB), and the rows so that those of A stay in the second
/// (96 · 128 floats, 48 KB) while every panel of B passes them.</summary>
internal static unsafe class MatMulBlocked
{
    public const int Depth = 128, Rows = 96;

    // C = Σ over blocks of p: A_·p B_p·
    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        using Floats panels = new(Depth * MatMulPacked.Up(n, MatMulRegisterTile.Columns));
        for (int p = 0; p < k; p += Depth)
        {
            int depth = Math.Min(Depth, k - p);
            MatMulPacked.PackColumns(b + p * n, n, panels.At, depth, n);
            for (int i = 0; i < m; i += Rows) Block(a + i * k + p, k, panels.At, c + i * n, Math.Min(Rows, m - i), n, depth, accumulate: p > 0);
        }
    }

    /// <summary>Some rows of C from panels of B.</summary>
    public static void Block(float* a, int aRow, float* panels, float* c, int rows, int n, int depth, bool accumulate)
    {
        using Floats left = new(Rows * Depth);
        MatMulPacked.PackRows(a, aRow, left.At, rows, depth);
        MatMulPacked.Multiply(left.At, panels, c, n, rows, n, depth, accumulate);
    }
}
