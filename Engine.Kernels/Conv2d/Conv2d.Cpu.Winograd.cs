namespace Engine.Kernels;

/// <remarks>3×3 convolutions of stride 1 by Winograd's products: a block of tiles is transformed, multiplied and transformed back by one thread in its
/// own cache.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of a block's transformed input at most, where a row of tiles does not have more.</summary>
    private const int WinogradNumbers = 1 << 17;

    /// <summary>Tiles of a block at most, where a row of them does not have more.</summary>
    private const int WinogradTiles = 64;

    /// <summary>Numbers of one row of tiles, transformed, at most: a block has one row at least, and more would leave the caches.</summary>
    private const int WinogradRow = 1 << 20;

    /// <summary>Whether Winograd's products are faster, as measured.</summary>
    private static bool WinogradWins(Conv2dSizes z)
        => z is { R: 3, S: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, PadH: <= 2, PadW: <= 2, C: >= 16, K: >= 16 } && Winograd.IsFast
            && (long)Math.Max(z.C, z.K) * (z.Q / Winograd.Tile + 1) * Winograd.Products <= WinogradRow;

    /// <summary>A convolution's tiles and where its strips of channels lie.</summary>
    private readonly struct WinogradPlan
    {
        /// <param name="z">The convolution.</param>
        /// <param name="turned">Whether it is the gradient of x.</param>
        /// <param name="most">Tiles of a block at most, where a row of them does not have more; 0 for what suits the products with filters.</param>
        public WinogradPlan(Conv2dSizes z, bool turned, int most = 0)
        {
            (Z, Turned) = (z, turned);
            Strip = Gemm.TileColumns;
            (TilesH, TilesW) = (Parts(z.P, Winograd.Tile), Parts(z.Q, Winograd.Tile));
            (ChannelStrips, FilterStrips) = (Parts(z.C, Strip), Parts(z.K, Strip));
            if (most == 0) most = Math.Clamp(WinogradNumbers / (Winograd.Products * z.C), Gemm.TileRows, WinogradTiles);
            int each = TilesH * TilesW;
            Blocks = each > most ? new ConvBlocks(z.N, TilesH, 1, Gemm.Even(TilesH, Math.Max(1, most / TilesW))) : new ConvBlocks(z.N, TilesH, Gemm.Even(z.N, most / each), TilesH);
        }

        /// <summary>Tiles of all images.</summary>
        public static int Tiles(Conv2dSizes z) => z.N * Parts(z.P, Winograd.Tile) * Parts(z.Q, Winograd.Tile);

        public Conv2dSizes Z { get; }

        /// <summary>The filters are (channels, filters, 3, 3), and turned by 180°: the gradient of x.</summary>
        public bool Turned { get; }

        public int Strip { get; }

        public int TilesH { get; }

        public int TilesW { get; }

        public int ChannelStrips { get; }

        public int FilterStrips { get; }

        /// <summary>Blocks of rows of tiles.</summary>
        public ConvBlocks Blocks { get; }

        public int BlockTiles => Blocks.Images * Blocks.Rows * TilesW;

        /// <summary>Numbers from one of the 36 products to the next, of one strip of transformed filters.</summary>
        public int FilterStep => Apart(Z.C * Strip);

        /// <summary>Likewise of the transformed input of so many tiles.</summary>
        public int InputStep(int tiles) => Apart(ChannelStrips * tiles * Strip);

        /// <summary>Likewise of the transformed gradient of so many tiles.</summary>
        public int GradientStep(int tiles) => Apart(FilterStrips * tiles * Strip);

        /// <summary>Likewise of so many tiles' products with one strip of filters.</summary>
        public int ProductStep(int tiles) => Apart(tiles * Strip);

        public int FilterLength => Winograd.Products * FilterStep;

        public int InputLength => Winograd.Products * InputStep(BlockTiles);

        public int ProductLength => Winograd.Products * ProductStep(BlockTiles);

        /// <summary>An odd number of lines, so that no two of the 36 meet in a set of the cache: where their distance is a power of two, few sets hold them all.</summary>
        public static int Apart(int length) => (Parts(length, Gemm.Line) | 1) * Gemm.Line;

        /// <summary>Numbers of six rows of a plane, padding included, for a strip of channels.</summary>
        public int RowsLength => Winograd.Reach * (Winograd.Tile * TilesW + 2) * Strip;
    }

    private void RunWinograd(nint x, nint w, nint y, nint bias, Activation activation, Conv2dSizes sizes, bool turned, string kernel)
    {
        var plan = new WinogradPlan(sizes, turned);
        var blocks = plan.Blocks;
        int tiles = WinogradPlan.Tiles(sizes);
        // The smaller one of transformed filters and transformed input is made once and shared; the other one a thread makes where it uses it.
        if (tiles >= sizes.K)
        {
            using var filters = new Temporary(this, (long)plan.FilterStrips * plan.FilterLength, kernel);
            nint u = filters.Pointer;
            int parts = Parts(sizes.C, WinogradChannels);
            workers.For(plan.FilterStrips * parts, (w, u, plan, parts), static (unit, given) =>
                TransformFilters(given.plan, (float*)given.w, unit / given.parts, unit % given.parts * WinogradChannels, (float*)given.u + (long)(unit / given.parts) * given.plan.FilterLength));
            workers.For(blocks.Count, (x, u, bias, y, plan, blocks, activation), static (unit, given) =>
            {
                var (x, u, bias, y, plan, blocks, activation) = given;
                float* v = Gemm.Scratch.Take(plan.InputLength + plan.ProductLength + plan.RowsLength), products = v + plan.InputLength, rows = products + plan.ProductLength;
                for (int strip = 0; strip < plan.ChannelStrips; strip++) TransformInput(plan, blocks[unit], (float*)x, strip, rows, v);
                for (int strip = 0; strip < plan.FilterStrips; strip++)
                {
                    Cancellation.ThrowIfRequested();
                    MultiplyTiles(plan, blocks[unit], (float*)u + (long)strip * plan.FilterLength, v, strip, products);
                    TransformOutput(plan, blocks[unit], products, strip, (float*)bias, activation, rows, (float*)y);
                }
            });
            return;
        }
        using var inputs = new Temporary(this, (long)blocks.Count * plan.InputLength, kernel);
        nint all = inputs.Pointer;
        workers.For(blocks.Count * plan.ChannelStrips, (x, all, plan, blocks), static (unit, given) =>
        {
            var (x, all, plan, blocks) = given;
            int block = unit / plan.ChannelStrips;
            TransformInput(plan, blocks[block], (float*)x, unit % plan.ChannelStrips, Gemm.Scratch.Take(plan.RowsLength), (float*)all + (long)block * plan.InputLength);
        });
        workers.For(plan.FilterStrips, (all, w, bias, y, plan, blocks, sizes, activation), static (strip, given) =>
        {
            var (all, w, bias, y, plan, blocks, sizes, activation) = given;
            float* u = Gemm.Scratch.Take(plan.FilterLength + plan.ProductLength + plan.RowsLength), products = u + plan.FilterLength, rows = products + plan.ProductLength;
            for (int c = 0; c < sizes.C; c += WinogradChannels) TransformFilters(plan, (float*)w, strip, c, u);
            for (int block = 0; block < blocks.Count; block++)
            {
                Cancellation.ThrowIfRequested();
                MultiplyTiles(plan, blocks[block], u, (float*)all + (long)block * plan.InputLength, strip, products);
                TransformOutput(plan, blocks[block], products, strip, (float*)bias, activation, rows, (float*)y);
            }
        });
    }

    /// <summary>Channels of a strip of filters that are transformed at a time.</summary>
    private const int WinogradChannels = 8;

    private static void TransformFilters(in WinogradPlan plan, float* w, int strip, int channel, float* u)
    {
        var z = plan.Z;
        int width = plan.Strip, first = strip * width, filters = Math.Min(width, z.K - first), channels = Math.Min(WinogradChannels, z.C - channel), taps = 9 * width;
        float* packed = stackalloc float[WinogradChannels * taps];
        if (plan.Turned)
            for (int c = 0; c < channels; c++) Gemm.Pack(w + ((long)(channel + c) * z.K + first) * 9, 9, 1, filters, width, 9, packed + c * taps);
        else Gemm.Pack(w + ((long)first * z.C + channel) * 9, z.C * 9, 1, filters, width, channels * 9, packed);
        u += channel * width;
        for (int c = 0; c < channels; c++, u += width, packed += taps)
        {
            if (plan.Turned) Winograd.Filter(packed + 8 * width, -width, u, plan.FilterStep);
            else Winograd.Filter(packed, width, u, plan.FilterStep);
        }
    }

    private static void TransformInput(in WinogradPlan plan, ConvBlock block, float* x, int strip, float* rows, float* v)
    {
        var z = plan.Z;
        int width = plan.Strip, columns = Winograd.Tile * plan.TilesW + 2, row = columns * width, channels = Math.Min(width, z.C - strip * width);
        int tiles = block.Images * block.Rows * plan.TilesW, step = plan.InputStep(tiles), left = Math.Min(z.PadW, columns), seen = Math.Min(z.W, columns - left);
        if (channels < width) new Span<float>(rows, plan.RowsLength).Clear();
        v += (nint)strip * tiles * width;
        for (int n = block.Image; n < block.Image + block.Images; n++)
        {
            float* plane = x + ((long)n * z.C + strip * width) * z.H * z.W;
            for (int p = block.Row; p < block.Row + block.Rows; p++, v += plan.TilesW * width)
            {
                // The last two rows of the tiles above are the first of these.
                int known = p == block.Row ? 0 : 2;
                if (known > 0) new Span<float>(rows + Winograd.Tile * row, 2 * row).CopyTo(new(rows, 2 * row));
                int firstH = p * Winograd.Tile - z.PadH, above = Math.Clamp(-firstH, known, Winograd.Reach), below = Math.Clamp(z.H - firstH, above, Winograd.Reach);
                new Span<float>(rows + known * row, (above - known) * row).Clear();
                new Span<float>(rows + below * row, (Winograd.Reach - below) * row).Clear();
                for (int i = above; i < below; i++)
                {
                    new Span<float>(rows + i * row, left * width).Clear();
                    new Span<float>(rows + i * row + (left + seen) * width, (columns - left - seen) * width).Clear();
                }
                Planes.ToStrips(plane + ((long)firstH + above) * z.W, z.H * z.W, z.W, channels, below - above, seen, rows + above * row + left * width, row);
                Winograd.Input(rows, row, plan.TilesW, channels, v, step);
            }
        }
    }

    private static void MultiplyTiles(in WinogradPlan plan, ConvBlock block, float* u, float* v, int strip, float* products)
    {
        var z = plan.Z;
        int width = plan.Strip, tiles = block.Images * block.Rows * plan.TilesW, height = Gemm.Even(tiles, Gemm.TileRows), filters = z.K - strip * width;
        int filterStep = plan.FilterStep, inputStep = plan.InputStep(tiles), productStep = plan.ProductStep(tiles);
        for (int i = 0; i < Winograd.Products; i++, u += filterStep, v += inputStep, products += productStep)
            for (int tile = 0; tile < tiles; tile += height)
                Gemm.TileOfStrips(Math.Min(height, tiles - tile), filters, z.C, v + tile * width, tiles * width, u, products + tile * width);
    }

    private static void TransformOutput(in WinogradPlan plan, ConvBlock block, float* products, int strip, float* bias, Activation activation, float* rows, float* y)
    {
        var z = plan.Z;
        int width = plan.Strip, row = Winograd.Tile * plan.TilesW * width, first = strip * width, filters = Math.Min(width, z.K - first);
        int tiles = block.Images * block.Rows * plan.TilesW;
        float least = activation == Activation.Relu ? 0 : float.NegativeInfinity;
        float* biases = stackalloc float[width];
        new Span<float>(biases, width).Clear();
        if (bias != null) new Span<float>(bias + first, filters).CopyTo(new(biases, width));
        for (int n = block.Image; n < block.Image + block.Images; n++)
        {
            float* plane = y + ((long)n * z.K + first) * z.Pixels;
            for (int p = block.Row; p < block.Row + block.Rows; p++, products += plan.TilesW * width)
            {
                Winograd.Output(products, plan.ProductStep(tiles), plan.TilesW, filters, biases, least, rows, row);
                Planes.FromStrips(rows, row, plane + p * Winograd.Tile * z.Q, z.Pixels, z.Q, filters, Math.Min(Winograd.Tile, z.P - p * Winograd.Tile), z.Q);
            }
            if (activation is not (Activation.None or Activation.Relu))
                for (int k = 0; k < filters; k++)
                    Activate(plane + (long)k * z.Pixels + block.Row * Winograd.Tile * z.Q, Math.Min(block.Rows * Winograd.Tile, z.P - block.Row * Winograd.Tile) * z.Q, activation);
        }
    }
}
