using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>A slice of a block: its panels, packed, and the tiles of C that they meet in.</summary>
    private readonly struct Slice(Product x, float* packedA, float* packedB, int firstPackedOfB, int height, int j, int columns, int p, int depth)
    {
        /// <summary>Rows of B that are read side by side where they lie.</summary>
        private const int LyingRows = 16;

        /// <summary>Panels of B that are used together, from the second-level cache.</summary>
        private const int GroupColumns = 8;

        /// <summary>The tiles of C where these panels of A and of B meet.</summary>
        public void Compute(int rowPanel, int rowEnd, int columnPanel, int columnEnd, Ahead ahead)
        {
            int width = TileColumns, step = firstPackedOfB > 0 ? LyingRows : depth, tiles = (rowEnd - rowPanel) * (columnEnd - columnPanel), tile = 0;
            bool asks = ahead.IsGiven;
            for (int first = columnPanel; first < columnEnd; first += GroupColumns)
            {
                int left = first * width, right = Math.Min(Math.Min(columnEnd, first + GroupColumns) * width, columns);
                for (int row = rowPanel; row < rowEnd; row++)
                {
                    int top = row * height, count = Math.Min(height, x.M - top);
                    for (int q = 0; q < depth; q += step)
                        for (int column = left; column < right; column += width)
                        {
                            if (asks && q == 0) ahead.Ask(tile++, tiles);
                            TileOfC(top, column, count, Math.Min(width, right - column), q, Math.Min(step, depth - q), packedA + (nint)top * depth + q * height);
                        }
                    if (p + depth == x.K) Finish(x, top, count, j + left, right - left);
                }
            }
        }

        private void TileOfC(int row, int column, int count, int across, int from, int terms, float* a)
        {
            float* c = x.C + row * x.CRow + (j + column) * x.CColumn;
            int width = TileColumns;
            bool packed = column >= firstPackedOfB * width, accumulate = x.Accumulate || p + from > 0;
            nint bStep = packed ? width : x.BRow;
            float* b = (packed ? packedB + (nint)column * depth : x.B + p * x.BRow + j + column) + from * bStep;
            if (across == width && x.CColumn == 1)
            {
                if ((long)x.M * x.N > LargeC && Sse.IsSupported)
                    for (int i = 0; i < count; i++)
                    {
                        Sse.Prefetch0(c + i * x.CRow);
                        Sse.Prefetch0(c + i * x.CRow + width - 1);
                    }
                Tile(count, across, terms, a, height, b, bStep, c, x.CRow, accumulate);
                return;
            }
            // The register tile writes whole vectors: at the right edge they go through memory of their own.
            float* tile = stackalloc float[count * width];
            Tile(count, across, terms, a, height, b, bStep, tile, width, false);
            for (int i = 0; i < count; i++)
                for (int j = 0; j < across; j++)
                {
                    float* target = c + i * x.CRow + j * x.CColumn;
                    *target = accumulate ? *target + tile[i * width + j] : tile[i * width + j];
                }
        }

        /// <summary>Numbers of C beyond which a tile's lines are asked for before its sums are there: more than the second-level cache holds.</summary>
        private const int LargeC = 1 << 18;
    }
}
