namespace Engine.Kernels;

/// <remarks>The gradient of a 3×3 filter by Winograd's products, the forward pass transposed: dw = Gᵀ·[Σ over tiles of (A·dy·Aᵀ) ⊙ (Bᵀ·x·B)]·G.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of transformed x and dy together at a time at most, where the least block does not have more.</summary>
    private const int WinogradNumbersOfBoth = 5 << 18;

    /// <summary>Tiles of a block at most: the terms of a sum that stays in registers.</summary>
    private const int WinogradTerms = 128;

    private void WinogradBackwardWeight(nint x, nint dy, nint dw, Conv2dSizes sizes)
    {
        if (WinogradSumsOf(sizes) <= WinogradOwnSums && WinogradPlan.Tiles(sizes) >= WinogradOwnTiles) WinogradBackwardWeightByTiles(x, dy, dw, sizes);
        else WinogradBackwardWeightByStrips(x, dy, dw, sizes);
    }

    // Threads share the transforms of some blocks, and each has the sums of a strip of channels and one of filters.
    private void WinogradBackwardWeightByStrips(nint x, nint dy, nint dw, Conv2dSizes sizes)
    {
        var plan = new WinogradPlan(sizes, false, Math.Clamp(WinogradNumbersOfBoth / (Winograd.Products * (sizes.C + sizes.K)), Gemm.TileRows, WinogradTerms));
        var blocks = plan.Blocks;
        int width = plan.Strip, inputs = plan.InputLength, gradients = Winograd.Products * plan.GradientStep(plan.BlockTiles);
        int together = Math.Clamp(WinogradNumbersOfBoth / (inputs + gradients), 1, blocks.Count), strips = plan.ChannelStrips + plan.FilterStrips;
        // A unit is a strip of channels and one of filters, or, where these are few, a part of it.
        int rows = plan.ChannelStrips * plan.FilterStrips >= ConvUnits ? width : Gemm.Even(width, Gemm.TileRows), parts = Parts(width, rows), step = WinogradPlan.Apart(rows * width);
        using var transformed = new Temporary(this, (long)together * (inputs + gradients), nameof(Conv2dBackwardWeight));
        nint pt = transformed.Pointer;
        for (int first = 0; first < blocks.Count; first += together)
        {
            int from = first, count = Math.Min(together, blocks.Count - first);
            workers.For(count * strips, (x, dy, pt, plan, blocks, from, strips, inputs, gradients), static (unit, given) =>
            {
                var (x, dy, pt, plan, blocks, from, strips, inputs, gradients) = given;
                int strip = unit % strips;
                float* v = (float*)pt + (long)(unit / strips) * (inputs + gradients), copy = Gemm.Scratch.Take(plan.RowsLength);
                if (strip < plan.ChannelStrips) TransformInput(plan, blocks[from + unit / strips], (float*)x, strip, copy, v);
                else TransformGradient(plan, blocks[from + unit / strips], (float*)dy, strip - plan.ChannelStrips, copy, v + inputs);
            });
            workers.For(plan.ChannelStrips * plan.FilterStrips * parts, (pt, dw, plan, blocks, from, count, sizes, width, rows, parts, step, inputs, gradients), static (unit, given) =>
            {
                var (pt, dw, plan, blocks, from, count, sizes, width, rows, parts, step, inputs, gradients) = given;
                Cancellation.ThrowIfRequested();
                int strip = unit / parts % plan.ChannelStrips, filterStrip = unit / parts / plan.ChannelStrips, top = unit % parts * rows;
                int filters = Math.Min(Math.Min(rows, width - top), sizes.K - filterStrip * width - top), channels = sizes.C - strip * width;
                if (filters <= 0) return;
                float* products = Gemm.Scratch.Take(Winograd.Products * step), taps = stackalloc float[9 * width];
                for (int i = 0; i < count; i++)
                {
                    float* v = (float*)pt + (long)i * (inputs + gradients);
                    MultiplyGradients(plan, blocks[from + i], v, strip, v + inputs, filterStrip, top, filters, channels, products, step, i > 0);
                }
                int there = Math.Min(width, channels);
                for (int k = 0; k < filters; k++)
                {
                    float* filter = (float*)dw + ((long)(filterStrip * width + top + k) * sizes.C + strip * width) * 9;
                    if (from > 0) Gemm.Pack(filter, 9, 1, there, width, 9, taps);           // what the blocks before gave
                    Winograd.Weight(products + k * width, step, taps, width, from > 0);
                    Gemm.Pack(taps, width, 1, 9, 9, there, filter);
                }
            });
        }
    }

    private static void TransformGradient(in WinogradPlan plan, ConvBlock block, float* dy, int strip, float* rows, float* d)
    {
        var z = plan.Z;
        int width = plan.Strip, row = Winograd.Tile * plan.TilesW * width, filters = Math.Min(width, z.K - strip * width);
        int tiles = block.Images * block.Rows * plan.TilesW, step = plan.GradientStep(tiles), height = z.P, columns = z.Q;
        new Span<float>(rows, Winograd.Tile * row).Clear();
        d += (nint)strip * tiles * width;
        for (int n = block.Image; n < block.Image + block.Images; n++)
        {
            float* plane = dy + ((long)n * z.K + strip * width) * height * columns;
            for (int p = block.Row; p < block.Row + block.Rows; p++, d += plan.TilesW * width)
            {
                int top = p * Winograd.Tile, there = Math.Min(Winograd.Tile, height - top);
                Planes.ToStrips(plane + (long)top * columns, height * columns, columns, filters, there, columns, rows, row);
                new Span<float>(rows + there * row, (Winograd.Tile - there) * row).Clear();
                Winograd.Gradient(rows, row, plan.TilesW, filters, d, step);
            }
        }
    }

    private static void MultiplyGradients(in WinogradPlan plan, ConvBlock block, float* v, int strip, float* d, int filterStrip, int top, int filters, int channels, float* products,
        int productStep, bool accumulate)
    {
        int width = plan.Strip, tiles = block.Images * block.Rows * plan.TilesW, inputStep = plan.InputStep(tiles), gradientStep = plan.GradientStep(tiles);
        int height = Gemm.Even(filters, Gemm.TileRows);
        v += (nint)strip * tiles * width;
        d += (nint)filterStrip * tiles * width + top;
        for (int i = 0; i < Winograd.Products; i++, v += inputStep, d += gradientStep, products += productStep)
            for (int k = 0; k < filters; k += height)
                Gemm.Tile(Math.Min(height, filters - k), channels, tiles, d + k, width, v, width, products + k * width, width, accumulate);
    }
}
