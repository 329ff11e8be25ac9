namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>The part of a product that is packed at a time: rows I.. of A, columns J.. of B, and P.. of the sums.</summary>
    private readonly struct Block(Product x, float* packedA, float* packedB, int height, int i, int rows, int j, int columns, int p, int depth)
    {
        private int PanelsOfA => (rows + height - 1) / height;

        private int PanelsOfB => (columns + TileColumns - 1) / TileColumns;

        // Where one panel of A is all there is, each number of B is used once: it is read where it lies, but for a last panel in part.
        private bool ReadsB => x.M <= height && x.BColumn == 1;

        // B's panels serve every block of rows.
        private int PanelsToPack => PanelsOfA + (i > 0 ? 0 : PanelsOfB - FirstPackedOfB);

        private int FirstPackedOfB => ReadsB ? columns / TileColumns : 0;

        public void Run()
        {
            for (int panel = 0; panel < PanelsToPack; panel++) PackPanel(panel);
            int group = GroupColumns;
            for (int panel = 0; panel < PanelsOfB; panel += group) Compute(0, PanelsOfA, panel, Math.Min(panel + group, PanelsOfB));
        }

        public void Run(WorkerPool workers)
        {
            var block = this;
            int grain = Math.Max(1, PackGrain / (TileColumns * depth));
            if (rows == x.M && rows * depth <= SharedA && PanelsOfB >= LeastPanels)
            {
                workers.For(PanelsOfA, grain, block, static (begin, end, block) =>
                {
                    for (int panel = begin; panel < end; panel++) block.PackPanel(panel);
                });
                int each = Math.Clamp(LeastTask / (rows * TileColumns * depth), 1, PanelsOfB / LeastPanels);
                workers.For(PanelsOfB, each, block, static (begin, end, block) => block.PackAndCompute(begin, end));
                return;
            }
            workers.For(PanelsToPack, ReadsB ? PanelsToPack : grain, block, static (begin, end, block) =>
            {
                for (int panel = begin; panel < end; panel++) block.PackPanel(panel);
            });
            // Enough tasks for many threads, each of a few tiles at least; those that share columns of B one after the other.
            int tiles = Math.Max(Math.Clamp(PanelsOfA * PanelsOfB / 32, 1, 40), LeastTask / (height * TileColumns * depth));
            int wide = Even(PanelsOfB, Math.Min(tiles, GroupColumns)), tall = Even(PanelsOfA, Math.Max(1, tiles / wide));
            int groups = (PanelsOfA + tall - 1) / tall;
            workers.For(groups * ((PanelsOfB + wide - 1) / wide), (groups, tall, wide, block), static (task, given) =>
            {
                var (groups, tall, wide, block) = given;
                int row = task % groups * tall, column = task / groups * wide;
                block.Compute(row, Math.Min(row + tall, block.PanelsOfA), column, Math.Min(column + wide, block.PanelsOfB));
            });
        }

        /// <summary>Numbers of A, all of it, up to which it stays in each core's cache: then a thread packs the panels of B that it uses itself,
        /// and they never leave its own.</summary>
        private const int SharedA = 1 << 17;

        /// <summary>Panels of B that are threads' work enough without cutting A.</summary>
        private const int LeastPanels = 4;

        private void PackAndCompute(int begin, int end)
        {
            float* own = Scratch.Take((columns + rows) * depth);         // on the caller's thread the very room that A's panels lie behind
            for (int panel = begin; panel < end; panel++)
            {
                var mine = new Block(x, packedA, own - (nint)panel * TileColumns * depth, height, i, rows, j, columns, p, depth);
                if (panel >= FirstPackedOfB) mine.PackPanel(PanelsOfA + panel - FirstPackedOfB);
                mine.Compute(0, PanelsOfA, panel, panel + 1);
            }
        }

        /// <summary>Numbers that a thread packs at a time at least.</summary>
        private const int PackGrain = 8192;

        /// <summary>Rows of B that are read side by side where they lie.</summary>
        private const int LyingRows = 16;

        /// <summary>Multiplications that a thread does at a time at least.</summary>
        private const int LeastTask = 1 << 16;

        /// <summary>Panels of B that are used together, from the second-level cache.</summary>
        private const int GroupColumns = 8;

        private void PackPanel(int panel)
        {
            if (panel < PanelsOfA)
            {
                int first = panel * height, count = Math.Min(height, rows - first);
                Pack(x.A + (i + first) * x.ARow + p * x.AColumn, x.ARow, x.AColumn, count, count, depth, packedA + (nint)first * depth);
            }
            else
            {
                int first = (panel - PanelsOfA + FirstPackedOfB) * TileColumns;
                Pack(x.B + p * x.BRow + (j + first) * x.BColumn, x.BColumn, x.BRow, Math.Min(TileColumns, columns - first), TileColumns, depth,
                    packedB + (nint)first * depth);
            }
        }

        /// <summary>The tiles of C where these panels of A and of B meet.</summary>
        private void Compute(int rowPanel, int rowEnd, int columnPanel, int columnEnd)
        {
            int width = TileColumns, left = columnPanel * width, right = Math.Min(columnEnd * width, columns), step = ReadsB ? LyingRows : depth;
            for (int row = rowPanel; row < rowEnd; row++)
            {
                int top = row * height, count = Math.Min(height, rows - top);
                for (int q = 0; q < depth; q += step)
                    for (int column = left; column < right; column += width)
                        TileOfC(i + top, column, count, Math.Min(width, right - column), q, Math.Min(step, depth - q), packedA + (nint)top * depth + q * count);
                if (p + depth == x.K) Finish(x, i + top, count, j + left, right - left);
            }
        }

        private void TileOfC(int row, int column, int count, int across, int from, int terms, float* a)
        {
            float* c = x.C + row * x.CRow + (j + column) * x.CColumn;
            int width = TileColumns;
            bool packed = column >= FirstPackedOfB * width, accumulate = x.Accumulate || p + from > 0;
            nint bStep = packed ? width : x.BRow;
            float* b = (packed ? packedB + (nint)column * depth : x.B + p * x.BRow + j + column) + from * bStep;
            if (across == width && x.CColumn == 1)
            {
                Tile(count, across, terms, a, count, b, bStep, c, x.CRow, accumulate);
                return;
            }
            // The register tile writes whole vectors: at the right edge they go through memory of their own.
            float* tile = stackalloc float[count * width];
            Tile(count, across, terms, a, count, b, bStep, tile, width, false);
            for (int i = 0; i < count; i++)
                for (int j = 0; j < across; j++)
                {
                    float* target = c + i * x.CRow + j * x.CColumn;
                    *target = accumulate ? *target + tile[i * width + j] : tile[i * width + j];
                }
        }
    }
}
