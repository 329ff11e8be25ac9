using System.Runtime.InteropServices;

namespace Engine.Kernels;

/// <summary>Matrix products on the processor, in three steps: cut C into blocks, pack the parts of A and B that a block needs into panels that
/// are read in order, and compute C by tiles that stay in registers.</summary>
/// <remarks>Each number of C is a sum over K in one fixed order, whatever the blocks, so its bits do not depend on who computes it.
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
    {
        if (k == 0 && !accumulate)
            for (int i = 0; i < m; i++) new Span<float>(c + (nint)i * cRow, n).Clear();
        if (m == 0 || n == 0 || k == 0) return;
        int height = Even(m, TileRows), width = TileColumns, depth = Even(k, BlockDepth), rows = BlockRows / height * height;
        int columns = Math.Min(BlockColumns, (n + width - 1) / width * width);
        float* packedB = Scratch.Take(columns * depth + Math.Min(rows, m) * depth), packedA = packedB + columns * depth;
        for (int j = 0; j < n; j += columns)
            for (int p = 0; p < k; p += depth)
            {
                int nb = Math.Min(columns, n - j), kb = Math.Min(depth, k - p);
                for (int jj = 0; jj < nb; jj += width)
                    Pack(b + (nint)p * bRow + (nint)(j + jj) * bColumn, bColumn, bRow, Math.Min(width, nb - jj), width, kb, packedB + (nint)jj * kb);
                for (int i = 0; i < m; i += rows)
                {
                    int mb = Math.Min(rows, m - i);
                    for (int ii = 0; ii < mb; ii += height)
                        Pack(a + (nint)(i + ii) * aRow + (nint)p * aColumn, aRow, aColumn, Math.Min(height, mb - ii), Math.Min(height, mb - ii), kb, packedA + (nint)ii * kb);
                    for (int ii = 0; ii < mb; ii += height)
                        for (int jj = 0; jj < nb; jj += width)
                            AnyTile(Math.Min(height, mb - ii), Math.Min(width, nb - jj), kb, packedA + (nint)ii * kb, packedB + (nint)jj * kb, width,
                                c + (nint)(i + ii) * cRow + j + jj, cRow, accumulate || p > 0);
                }
            }
    }

    /// <summary>Rows of A that are packed at a time: with <see cref="BlockDepth"/>, a part of the second-level cache.</summary>
    private const int BlockRows = 140;

    /// <summary>Columns of B that are packed at a time.</summary>
    private const int BlockColumns = 512;

    /// <summary>The part of K that is packed at a time: 14 rows of it and more lie in the first-level cache.</summary>
    private const int BlockDepth = 320;

    /// <summary>The size of the fewest parts of at most <paramref name="most"/> that cover a length, as even as can be.</summary>
    private static int Even(int length, int most)
    {
        int parts = (length + most - 1) / most;
        return (length + parts - 1) / parts;
    }

    // A tile at the right edge goes through memory of its own: the register tile writes whole vectors.
    private static void AnyTile(int rows, int columns, int depth, float* a, float* b, nint bStep, float* c, nint cRow, bool accumulate)
    {
        int width = TileColumns;
        if (columns == width || 2 * columns == width)
        {
            Tile(rows, columns, depth, a, b, bStep, c, cRow, accumulate);
            return;
        }
        float* tile = stackalloc float[rows * width];
        Tile(rows, columns, depth, a, b, bStep, tile, width, false);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                c[i * cRow + j] = accumulate ? c[i * cRow + j] + tile[i * width + j] : tile[i * width + j];
    }

    /// <summary>A thread's room for packed panels, kept from one product to the next.</summary>
    private sealed class Scratch
    {
        [ThreadStatic] private static Scratch? mine;

        private float* memory;
        private int length;

        public static float* Take(int length)
        {
            var scratch = mine ??= new Scratch();
            if (scratch.length < length)
            {
                NativeMemory.AlignedFree(scratch.memory);
                scratch.memory = null;
                scratch.length = 0;
                scratch.memory = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
                scratch.length = length;
            }
            return scratch.memory;
        }

        ~Scratch() => NativeMemory.AlignedFree(memory);
    }
}
