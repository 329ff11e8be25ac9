namespace Engine.Kernels;

/// <remarks>3×3 convolutions of stride 1 by Winograd's products: a block of tiles is transformed, multiplied and transformed back by one thread in its
/// own cache.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of a block's transformed input at most, where a row of tiles does not have more.</summary>
    private const int WinogradNumbers = 1 << 17;

    /// <summary>Tiles of a block at most, where a row of them does not have more.</summary>
    private const int WinogradTiles = 64;

    /// <summary>Whether Winograd's products are faster, as measured.</summary>
    private static bool WinogradWins(Conv2dSizes z)
        => z is { R: 3, S: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, PadH: <= 2, PadW: <= 2, C: >= 16, K: >= 16 } && Winograd.IsFast;

    /// <summary>A convolution's tiles and where its strips of channels lie.</summary>
    private readonly struct WinogradPlan
    {
        public WinogradPlan(Conv2dSizes z, bool turned)
        {
            (Z, Turned) = (z, turned);
            Strip = Gemm.TileColumns;
            (TilesH, TilesW) = ((z.P + Winograd.Tile - 1) / Winograd.Tile, (z.Q + Winograd.Tile - 1) / Winograd.Tile);
            (ChannelStrips, FilterStrips) = ((z.C + Strip - 1) / Strip, (z.K + Strip - 1) / Strip);
            int most = Math.Clamp(WinogradNumbers / (Winograd.Products * z.C), Gemm.TileRows, WinogradTiles), each = TilesH * TilesW;
            Blocks = each > most ? new ConvBlocks(z.N, TilesH, 1, Gemm.Even(TilesH, Math.Max(1, most / TilesW))) : new ConvBlocks(z.N, TilesH, Gemm.Even(z.N, most / each), TilesH);
        }

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

        /// <summary>Numbers of one strip of transformed filters.</summary>
        public int FilterLength => Winograd.Products * Z.C * Strip;

        /// <summary>Numbers of a block's transformed input.</summary>
        public int InputLength => Winograd.Products * ChannelStrips * BlockTiles * Strip;

        /// <summary>Numbers of six rows of a plane, padding included, for a strip of channels.</summary>
        public int RowsLength => Winograd.Reach * (Winograd.Tile * TilesW + 2) * Strip;

        /// <summary>Numbers of a block's products for a strip of filters.</summary>
        public int ProductLength => Winograd.Products * BlockTiles * Strip;
    }

    private void RunWinograd(nint x, nint w, nint y, nint bias, Activation activation, Conv2dSizes sizes, bool turned, string kernel)
    {
        var plan = new WinogradPlan(sizes, turned);
        var blocks = plan.Blocks;
        int tiles = sizes.N * plan.TilesH * plan.TilesW;
        // The smaller one of transformed filters and transformed input is made once and shared; the other one a thread makes where it uses it.
        if (tiles >= sizes.K)
        {
            using var filters = new Temporary(this, (long)plan.FilterStrips * plan.FilterLength, kernel);
            nint u = filters.Pointer;
            workers.For(plan.FilterStrips * sizes.C, WinogradGrain, (begin, end) =>
            {
                for (int i = begin; i < end; i++)
                    TransformFilters(plan, (float*)w, i / sizes.C, i % sizes.C, 1, (float*)u + (long)(i / sizes.C) * plan.FilterLength);
            });
            workers.For(blocks.Count, unit =>
            {
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
        workers.For(blocks.Count * plan.ChannelStrips, unit =>
        {
            int block = unit / plan.ChannelStrips;
            TransformInput(plan, blocks[block], (float*)x, unit % plan.ChannelStrips, Gemm.Scratch.Take(plan.RowsLength), (float*)all + (long)block * plan.InputLength);
        });
        workers.For(plan.FilterStrips, strip =>
        {
            float* u = Gemm.Scratch.Take(plan.FilterLength + plan.ProductLength + plan.RowsLength), products = u + plan.FilterLength, rows = products + plan.ProductLength;
            TransformFilters(plan, (float*)w, strip, 0, sizes.C, u);
            for (int block = 0; block < blocks.Count; block++)
            {
                Cancellation.ThrowIfRequested();
                MultiplyTiles(plan, blocks[block], u, (float*)all + (long)block * plan.InputLength, strip, products);
                TransformOutput(plan, blocks[block], products, strip, (float*)bias, activation, rows, (float*)y);
            }
        });
    }

    /// <summary>Channels of a strip of filters that a thread transforms at a time.</summary>
    private const int WinogradGrain = 16;

    private static void TransformFilters(in WinogradPlan plan, float* w, int strip, int channel, int channels, float* u)
    {
        var z = plan.Z;
        int width = plan.Strip, first = strip * width, count = Math.Min(width, z.K - first), step = z.C * width;
        nint filterStep = plan.Turned ? 9 : z.C * 9, channelStep = plan.Turned ? z.K * 9 : 9;
        float* taps = stackalloc float[9 * width];
        for (int c = channel; c < channel + channels; c++)
        {
            Gemm.Pack(w + first * filterStep + c * channelStep, filterStep, 1, count, width, 9, taps);
            if (plan.Turned) Winograd.Filter(taps + 8 * width, -width, u + c * width, step);
            else Winograd.Filter(taps, width, u + c * width, step);
        }
    }

    private static void TransformInput(in WinogradPlan plan, ConvBlock block, float* x, int strip, float* rows, float* v)
    {
        var z = plan.Z;
        int width = plan.Strip, columns = Winograd.Tile * plan.TilesW + 2, row = columns * width, channels = Math.Min(width, z.C - strip * width);
        int tiles = block.Images * block.Rows * plan.TilesW, step = plan.ChannelStrips * tiles * width, left = Math.Min(z.PadW, columns), seen = Math.Min(z.W, columns - left);
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
                Winograd.Input(rows, row, plan.TilesW, v, step);
            }
        }
    }

    private static void MultiplyTiles(in WinogradPlan plan, ConvBlock block, float* u, float* v, int strip, float* products)
    {
        var z = plan.Z;
        int width = plan.Strip, tiles = block.Images * block.Rows * plan.TilesW, height = Gemm.Even(tiles, Gemm.TileRows), filters = z.K - strip * width;
        nint length = (nint)plan.ChannelStrips * tiles * width;
        for (int i = 0; i < Winograd.Products; i++, u += z.C * width, v += length, products += tiles * width)
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
                Winograd.Output(products, tiles * width, plan.TilesW, biases, least, rows, row);
                Planes.FromStrips(rows, row, plane + p * Winograd.Tile * z.Q, z.Pixels, z.Q, filters, Math.Min(Winograd.Tile, z.P - p * Winograd.Tile), z.Q);
            }
            if (activation is not (Activation.None or Activation.Relu))
                for (int k = 0; k < filters; k++)
                    Activate(plane + (long)k * z.Pixels + block.Row * Winograd.Tile * z.Q, Math.Min(block.Rows * Winograd.Tile, z.P - block.Row * Winograd.Tile) * z.Q, activation);
        }
    }
}
