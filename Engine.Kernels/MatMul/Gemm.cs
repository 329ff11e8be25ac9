namespace Engine.Kernels;

/// <summary>Matrix products on the processor, in three steps: cut C into blocks, pack the parts of A and B that a block needs into panels that
/// are read in order, and compute C by tiles that stay in registers.</summary>
/// <remarks>Each number of C is a sum over K in one order that depends on the sizes and on how A lies, so its bits do not depend on who computes it.
/// Source: Goto and van de Geijn 2008, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3).</remarks>
internal static unsafe partial class Gemm
{
    /// <summary>C = A·B, or C += A·B, on the calling thread alone.</summary>
    /// <param name="a">a[i·aRow + p·aColumn], m×k.</param>
    /// <param name="aRow">From one row of A to the next.</param>
    /// <param name="aColumn">From one column of A to the next.</param>
    /// <param name="b">b[p·bRow + j·bColumn], k×n.</param>
    /// <param name="bRow">From one row of B to the next.</param>
    /// <param name="bColumn">From one column of B to the next.</param>
    /// <param name="c">c[i·cRow + j], m×n; overlaps neither a nor b.</param>
    /// <param name="cRow">From one row of C to the next.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="accumulate">Add to what C holds.</param>
    public static void Multiply(float* a, int aRow, int aColumn, float* b, int bRow, int bColumn, float* c, int cRow, int m, int n, int k, bool accumulate)
        => Run(new Product
        {
            A = a,
            ARow = aRow,
            AColumn = aColumn,
            B = b,
            BRow = bRow,
            BColumn = bColumn,
            C = c,
            CRow = cRow,
            CColumn = 1,
            M = m,
            N = n,
            K = k,
            Accumulate = accumulate,
        });

    /// <summary>A product, by the workers or, without them, on the calling thread alone. The bits are the same.</summary>
    public static void Run(in Product product, WorkerPool? workers = null)
    {
        var (m, n, k) = (product.M, product.N, product.K);
        if (m == 0 || n == 0) return;
        if (k == 0)
        {
            if (!product.Accumulate) Clear(product);
            Finish(product, 0, m, 0, n);
            return;
        }
        if (TryDots(product, workers)) return;
        int parts = DeepParts(product);
        if (parts > 1) RunDeep(product, parts, workers);
        else RunBlocks(product, workers);
    }

    private static void RunBlocks(in Product product, WorkerPool? workers)
    {
        var (m, n, k) = (product.M, product.N, product.K);
        int height = Even(m, TileRows), width = TileColumns, rows = (int)Math.Min(int.MaxValue, (m + height - 1L) / height * height);
        int columns = (int)Math.Min(int.MaxValue, (n + width - 1L) / width * width);
        int depth = Even(k, Math.Clamp(BlockNumbers / (Math.Min(m, BlockRows) + Math.Min(columns, BlockColumns)), LeastDepth, MostDepth));
        bool sharesA = m <= height && product.BColumn == 1
            || (long)rows * depth <= (columns >= 3L * rows ? SharedABesideLargeB : SharedA) && (columns >= LeastPanels * width || columns / width >= rows / height);
        if (!sharesA) columns = Math.Min(columns, BlockColumns);
        int common = sharesA ? rows : columns, terms = (int)Math.Min(k, Math.Max(1, SharedNumbers / ((long)common * depth)) * depth);
        float* shared = Scratch.Take(Block.OwnNumbers + common * terms) + Block.OwnNumbers;
        for (int j = 0; j < n; j += columns)
            for (int p = 0; p < k; p += terms)
                new Block(product, sharesA, shared, height, j, Math.Min(columns, n - j), p, Math.Min(terms, k - p), depth).Run(workers);
    }

    /// <summary>Numbers of a slice of A, all its rows, up to which it stays in each core's cache: then threads share it where B's panels are work enough
    /// for them, or A's are no more. Where B has three times its numbers A may have some more.</summary>
    private const int SharedA = 1 << 17, SharedABesideLargeB = 5 << 15, LeastPanels = 4;

    /// <summary>Numbers that are packed for all threads at a time at most, unless one slice has more: a part of the last cache.</summary>
    private const int SharedNumbers = 1 << 20;

    /// <summary>Rows of A beyond which a block is no less deep.</summary>
    private const int BlockRows = 1120;

    /// <summary>Columns of B that all threads share at a time at most.</summary>
    private const int BlockColumns = 2048;

    /// <summary>The part of K that is packed at a time: at least so much that writing C costs little, at most so much that a panel of A lies
    /// well inside the second-level cache, and between them so that a slice of both sides has about <see cref="BlockNumbers"/>.</summary>
    private const int LeastDepth = 768, MostDepth = 2048, BlockNumbers = 1 << 18;

    /// <summary>The size of the fewest parts of at most <paramref name="most"/> that cover a length, as even as can be.</summary>
    internal static int Even(int length, int most)
    {
        int parts = (length + most - 1) / most;
        return (length + parts - 1) / parts;
    }

    private static void Clear(in Product x)
    {
        for (int i = 0; i < x.M; i++)
            for (int j = 0; j < x.N; j++) x.C[i * x.CRow + j * x.CColumn] = 0;
    }
}
