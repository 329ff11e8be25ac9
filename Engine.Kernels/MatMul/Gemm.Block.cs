namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Columns J.. of a product, and P.. of its sums, in slices of some terms. The panels of one side are packed first, by all threads, and serve all of
    /// them; the other's are packed by the thread that uses them, a few of a slice at a time, and never leave its cache.</summary>
    private readonly struct Block(Product x, bool sharesA, float* shared, int height, int j, int columns, int p, int terms, int depth)
    {
        /// <summary>Numbers that a thread packs for itself at a time at most, at the beginning of its scratch; no panel of a slice has more.</summary>
        public const int OwnNumbers = 1 << 16;

        // Where one panel of A is all there is, each number of B is used once: it is read where it lies, but for a last panel in part.
        private int FirstPackedOfB => x.M <= height && x.BColumn == 1 ? columns / TileColumns : 0;

        private Side A => new(x.A + p * x.AColumn, x.ARow, x.AColumn, x.M, height);

        private Side B => new(x.B + p * x.BRow + j * x.BColumn, x.BColumn, x.BRow, columns, TileColumns);

        public void Run(WorkerPool? workers)
        {
            Side common = sharesA ? A : B, own = sharesA ? B : A;
            if (workers is null)
            {
                RunAlone(common, own, 0, own.Panels);
                return;
            }
            long work = (long)common.Count * own.Count * terms;
            if ((long)common.Room * terms <= SmallNumbers && work <= SmallWork)
            {
                // What one thread packed would take longer on its way to another core than to pack it there too.
                int parts = own.Count >= ManyColumns ? 4 : 2;
                workers.For(own.Panels, (own.Panels + parts - 1) / parts, (block: this, common, own), static (begin, end, given) => given.block.RunAlone(given.common, given.own, begin, end));
                return;
            }
            PackByAll(workers, common);
            workers.For(own.Panels, Some(common, own), (block: this, common, own), static (begin, end, given) => given.block.Compute(given.common, given.own, begin, end));
        }

        /// <summary>Some panels of one side with all of the other, which this thread packs too.</summary>
        private void RunAlone(Side common, Side own, int begin, int end)
        {
            float* room = Scratch.Take(OwnNumbers + common.Room * terms) + OwnNumbers;
            for (int slice = 0; slice < Slices; slice++) common.Pack(0, common.Panels, slice * depth, DepthOf(slice), room + (nint)slice * depth * common.Room);
            var mine = new Block(x, sharesA, room, height, j, columns, p, terms, depth);
            int most = Math.Max(1, OwnNumbers / (own.Width * depth));
            for (int panel = begin; panel < end; panel += most) mine.Compute(common, own, panel, Math.Min(panel + most, end));
        }

        /// <summary>Numbers of one side, and multiplications of the product, up to which every thread packs that side for itself.</summary>
        private const int SmallNumbers = 1 << 15, SmallWork = 1 << 23;

        /// <summary>Columns, or rows, that make four such parts worth while.</summary>
        private const int ManyColumns = 1024;

        private int Slices => (terms + depth - 1) / depth;

        private int DepthOf(int slice) => Math.Min(depth, terms - slice * depth);

        /// <summary>Packs a side by all threads: by terms where a line of the source holds several panels' numbers, else by panels.</summary>
        private void PackByAll(WorkerPool workers, Side side)
        {
            int each = side.Across == 1 ? Math.Max(1, PackGrain / side.Count) : Math.Max(1, PackGrain / (side.Width * depth));
            int parts = ((side.Across == 1 ? depth : side.Panels) + each - 1) / each;
            workers.For(Slices * parts, (this, side, parts, each), static (part, given) =>
            {
                var (block, side, parts, each) = given;
                block.PackPart(side, part / parts, part % parts * each, each);
            });
        }

        private void PackPart(Side side, int slice, int begin, int each)
        {
            int first = slice * depth, deep = DepthOf(slice);
            float* panels = shared + (nint)first * side.Room;
            if (side.Across == 1) side.PackRows(Math.Min(begin, deep), Math.Min(begin + each, deep), first, deep, panels);
            else side.Pack(begin, Math.Min(begin + each, side.Panels), first, deep, panels + (nint)begin * side.Width * deep);
        }

        /// <summary>Panels that a thread takes at a time: few enough to serve many threads and to stay in the second-level cache, and enough to read
        /// <see cref="LeastRow"/> where what lies together are their numbers of a term.</summary>
        private int Some(Side common, Side own)
        {
            int lines = own.Across == 1 ? Math.Min(LeastRow / own.Width, own.Panels / 4) : 1;
            long least = Math.Max(lines, LeastTask / ((long)common.Count * own.Width * terms));
            return (int)Math.Clamp(Math.Max(own.Panels / 32, least), 1, Math.Max(1, Math.Min(own.Panels, OwnNumbers / (own.Width * depth))));
        }

        /// <summary>Multiplications that a thread does at a time at least.</summary>
        private const int LeastTask = 1 << 16;

        /// <summary>Numbers of a line that a thread reads at a time at least, where each line holds many panels'.</summary>
        private const int LeastRow = 64;

        /// <summary>Numbers that a thread packs for others at a time at least.</summary>
        private const int PackGrain = 8192;

        /// <summary>What some panels of the thread's own side make of C, slice by slice.</summary>
        /// <param name="common">The side that is packed.</param>
        /// <param name="own">The thread's own.</param>
        /// <param name="begin">Its first panel.</param>
        /// <param name="end">The one after the last.</param>
        private void Compute(Side common, Side own, int begin, int end)
        {
            float* room = Scratch.Take(OwnNumbers);
            for (int slice = 0; slice < Slices; slice++)
            {
                int first = slice * depth, deep = DepthOf(slice), after = slice == Slices - 1 ? 0 : slice + 1, asked = after == 0 ? end : begin;    // a thread's next panels lie behind these
                var ahead = Ahead.Of(common.Count, own, asked, Math.Min(asked + end - begin, own.Panels), after * depth, DepthOf(after));
                float* packed = shared + (nint)first * common.Room, mine = room - (nint)begin * own.Width * deep;
                int toPack = Math.Max(begin, sharesA ? FirstPackedOfB : 0);
                if (toPack < end) own.Pack(toPack, end, first, deep, mine + (nint)toPack * own.Width * deep);
                var here = new Slice(x, sharesA ? packed : mine, sharesA ? mine : packed, FirstPackedOfB, height, j, columns, p + first, deep);
                if (sharesA) here.Compute(0, common.Panels, begin, end, ahead);
                else here.Compute(begin, end, 0, common.Panels, ahead);
            }
        }
    }
}
