using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>The part of a product that is packed at a time: all rows of A, columns J.. of B, and P.. of the sums. One side's panels are packed first, by
    /// all threads, and serve all of them; the other's are packed a few at a time by the thread that then uses them, and never leave its cache.</summary>
    private readonly struct Block(Product x, float* packedA, float* packedB, int height, int j, int columns, int p, int depth)
    {
        /// <summary>Numbers that a thread packs for itself at a time at most, at the beginning of its scratch; no panel of one side has more.</summary>
        public const int OwnNumbers = 1 << 16;

        /// <summary>Numbers of A, all of it, up to which threads may share it.</summary>
        public const int WholeA = 1 << 19;

        private int PanelsOfA => (x.M + height - 1) / height;

        private int PanelsOfB => (columns + TileColumns - 1) / TileColumns;

        private float* SourceA => x.A + p * x.AColumn;

        private float* SourceB => x.B + p * x.BRow + j * x.BColumn;

        // Where one panel of A is all there is, each number of B is used once: it is read where it lies, but for a last panel in part.
        private bool ReadsB => x.M <= height && x.BColumn == 1;

        private int FirstPackedOfB => ReadsB ? columns / TileColumns : 0;

        /// <summary>A is small enough to stay in each core's cache, all of it, and B has work enough for threads without cutting A.</summary>
        private bool SharesA => (long)x.M * depth <= SharedA && PanelsOfB >= LeastPanels;

        private const int SharedA = 1 << 17, LeastPanels = 4;

        public void Run()
        {
            if (FirstPackedOfB < PanelsOfB) PackB(FirstPackedOfB, PanelsOfB, packedB + (nint)FirstPackedOfB * TileColumns * depth);
            int some = Math.Max(1, OwnNumbers / (height * depth));
            for (int panel = 0; panel < PanelsOfA; panel += some) PackAAndCompute(panel, Math.Min(panel + some, PanelsOfA), 0);
        }

        public void Run(WorkerPool workers)
        {
            var block = this;
            int ahead = workers.Threads - 1;                        // tasks that the others take meanwhile
            if (SharesA)
            {
                PackByAll(workers, SourceA, x.ARow, x.AColumn, x.M, height, packedA);
                int some = Some(PanelsOfB, (long)x.M * TileColumns * depth, TileColumns);
                workers.For(PanelsOfB, some, (begin, end) => block.PackBAndCompute(begin, end, ahead * some));
                return;
            }
            if (!ReadsB) PackByAll(workers, SourceB, x.BColumn, x.BRow, columns, TileColumns, packedB);
            else if (FirstPackedOfB < PanelsOfB) PackB(FirstPackedOfB, PanelsOfB, packedB + (nint)FirstPackedOfB * TileColumns * depth);
            int rows = Some(PanelsOfA, (long)columns * height * depth, height);
            if (x.ARow == 1 && (long)x.M * depth <= WholeA)
            {
                // A panel is a few bytes of each line: lines are read whole instead.
                PackByAll(workers, SourceA, x.ARow, x.AColumn, x.M, height, packedA);
                workers.For(PanelsOfA, rows, (begin, end) => block.Compute(begin, end, 0, block.PanelsOfB, default));
            }
            else
            {
                workers.For(PanelsOfA, rows, (begin, end) => block.PackAAndCompute(begin, end, ahead * rows));
            }
        }

        /// <summary>Panels that a thread takes at a time: few enough to serve many threads and to stay in the second-level cache.</summary>
        private int Some(int panels, long work, int width)
            => Math.Clamp(panels / 32, (int)Math.Min(panels, Math.Max(1, LeastTask / work)), Math.Max(1, OwnNumbers / (width * depth)));

        /// <summary>Multiplications that a thread does at a time at least.</summary>
        private const int LeastTask = 1 << 16;

        /// <summary>Numbers that a thread packs for others at a time at least.</summary>
        private const int PackGrain = 8192;

        /// <summary>Rows of B that are read side by side where they lie.</summary>
        private const int LyingRows = 16;

        /// <summary>Panels of B that are used together, from the second-level cache.</summary>
        private const int GroupColumns = 8;

        /// <summary>Packs a side by all threads: by terms where a line of the source holds several panels' numbers, else by panels.</summary>
        private void PackByAll(WorkerPool workers, float* source, nint across, nint along, int count, int width, float* panels)
        {
            int deep = depth;
            if (across == 1)
                workers.For(deep, Math.Max(1, PackGrain / count), (begin, end) => PackRows(source, along, count, width, deep, begin, end, panels));
            else
                workers.For((count + width - 1) / width, Math.Max(1, PackGrain / (width * deep)), (begin, end)
                    => Pack(source + begin * width * across, across, along, Math.Min(end * width, count) - begin * width, width, deep, panels + (nint)begin * width * deep));
        }

        private void PackBAndCompute(int begin, int end, int skipped)
        {
            float* own = Scratch.Take(OwnNumbers) - (nint)begin * TileColumns * depth;
            int packed = Math.Max(begin, FirstPackedOfB), next = (end + skipped) * TileColumns;
            if (packed < end) PackB(packed, end, own + (nint)packed * TileColumns * depth);
            var ahead = Ahead.Of(x.M, SourceB, x.BColumn, x.BRow, next, Math.Min(next + (end - begin) * TileColumns, columns), depth);
            new Block(x, packedA, own, height, j, columns, p, depth).Compute(0, PanelsOfA, begin, end, ahead);
        }

        private void PackAAndCompute(int begin, int end, int skipped)
        {
            float* own = Scratch.Take(OwnNumbers) - (nint)begin * height * depth;
            int next = (end + skipped) * height;
            PackA(begin, end, own + (nint)begin * height * depth);
            var ahead = Ahead.Of(columns, SourceA, x.ARow, x.AColumn, next, Math.Min(next + (end - begin) * height, x.M), depth);
            new Block(x, own, packedB, height, j, columns, p, depth).Compute(begin, end, 0, PanelsOfB, ahead);
        }

        private void PackA(int begin, int end, float* panels)
            => Pack(SourceA + begin * height * x.ARow, x.ARow, x.AColumn, Math.Min(end * height, x.M) - begin * height, height, depth, panels);

        private void PackB(int begin, int end, float* panels)
            => Pack(SourceB + begin * TileColumns * x.BColumn, x.BColumn, x.BRow, Math.Min(end * TileColumns, columns) - begin * TileColumns, TileColumns, depth, panels);

        /// <summary>What this thread likely packs next: its lines are asked for while tiles are computed.</summary>
        private readonly struct Ahead(float* source, nint step, int count, int length)
        {
            private const int LeastUses = 64, Line = 16;

            /// <param name="uses">How often each number will be used: where it is seldom, there is no time to ask.</param>
            /// <param name="source">Where the side begins.</param>
            /// <param name="across">From one of its rows or columns to the next.</param>
            /// <param name="along">From one term to the next.</param>
            /// <param name="begin">The first row or column.</param>
            /// <param name="end">The one after the last.</param>
            /// <param name="depth">Terms.</param>
            public static Ahead Of(int uses, float* source, nint across, nint along, int begin, int end, int depth)
                => uses < LeastUses || begin >= end || !Sse.IsSupported ? default
                : across == 1 ? new(source + begin, along, depth, end - begin) : new(source + begin * across, across, end - begin, depth);

            public bool IsGiven => count > 0;

            public void Ask(int part, int parts)
            {
                for (int k = (int)((long)count * part / parts); k < (int)((long)count * (part + 1) / parts); k++)
                    for (int at = 0; at < length; at += Line) Sse.Prefetch1(source + k * step + at);
            }
        }

        /// <summary>The tiles of C where these panels of A and of B meet.</summary>
        private void Compute(int rowPanel, int rowEnd, int columnPanel, int columnEnd, Ahead ahead)
        {
            int width = TileColumns, step = ReadsB ? LyingRows : depth, tiles = (rowEnd - rowPanel) * (columnEnd - columnPanel), tile = 0;
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
            bool packed = column >= FirstPackedOfB * width, accumulate = x.Accumulate || p + from > 0;
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
