namespace Engine.Benchmarks;

/// <summary>What the tile reads lies together, in blocks that caches hold: a panel of 192 rows and 32 columns of B (24 KB) in the first, and 96 rows of A
/// in the second while every panel of B passes them. Panels are filled up with zeros.</summary>
internal static unsafe class MatMulPacked
{
    public const int BlockRows = 96, BlockDepth = 192;

    private const int Rows = MatMulRegisterTile.Rows, Columns = MatMulRegisterTile.Columns;

    // C = Σ over blocks of p: A_·p B_p·
    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        using Floats panels = new(BlockDepth * Up(n, Columns));
        for (int p = 0; p < k; p += BlockDepth)
        {
            int depth = Math.Min(BlockDepth, k - p);
            PackColumns(b + p * n, n, panels.At, depth, n);
            for (int i = 0; i < m; i += BlockRows) Block(a + i * k + p, k, panels.At, c + i * n, Math.Min(BlockRows, m - i), n, depth, accumulate: p > 0);
        }
    }

    /// <summary>Some rows of C from panels of B.</summary>
    public static void Block(float* a, int aRow, float* panels, float* c, int rows, int n, int depth, bool accumulate)
    {
        using Floats left = new(BlockRows * BlockDepth);
        PackRows(a, aRow, left.At, rows, depth);
        Multiply(left.At, panels, c, n, rows, n, depth, accumulate);
    }

    /// <summary>Rows of A in panels of four: panel[p·4 + i], one panel of 4·depth numbers after the other.</summary>
    private static void PackRows(float* a, int aRow, float* panels, int rows, int depth)
    {
        for (int i = 0; i < rows; i += Rows)
            for (int p = 0; p < depth; p++)
                for (int row = i; row < i + Rows; row++) *panels++ = row < rows ? a[row * aRow + p] : 0;
    }

    /// <summary>Columns of B in panels of 32: panel[p·32 + j], one panel of depth·32 numbers after the other.</summary>
    public static void PackColumns(float* b, int bRow, float* panels, int depth, int columns)
    {
        for (int j = 0; j < columns; j += Columns)
        {
            int here = Math.Min(Columns, columns - j);
            for (int p = 0; p < depth; p++)
            {
                var row = new Span<float>(panels + j * depth + p * Columns, Columns);
                new Span<float>(b + p * bRow + j, here).CopyTo(row);
                row[here..].Clear();
            }
        }
    }

    /// <summary>C = A·B, or C += A·B, from panels of both.</summary>
    private static void Multiply(float* left, float* right, float* c, int cRow, int rows, int columns, int depth, bool accumulate)
    {
        float* edge = stackalloc float[Rows * Columns];
        for (int j = 0; j < columns; j += Columns)
            for (int i = 0; i < rows; i += Rows)
            {
                float* a = left + i * depth, b = right + j * depth, tile = c + i * cRow + j;
                if (i + Rows <= rows && j + Columns <= columns)
                {
                    MatMulRegisterTile.Tile(depth, a, 1, Rows, b, Columns, tile, cRow, accumulate);
                    continue;
                }
                MatMulRegisterTile.Tile(depth, a, 1, Rows, b, Columns, edge, Columns, accumulate: false);
                for (int row = 0; row < Math.Min(Rows, rows - i); row++)
                    for (int column = 0; column < Math.Min(Columns, columns - j); column++)
                        tile[row * cRow + column] = edge[row * Columns + column] + (accumulate ? tile[row * cRow + column] : 0);
            }
    }

    /// <summary>The next multiple.</summary>
    public static int Up(int length, int multiple) => (length + multiple - 1) / multiple * multiple;
}
