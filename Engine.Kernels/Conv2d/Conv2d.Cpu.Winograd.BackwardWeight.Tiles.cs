namespace Engine.Kernels;

/// <remarks>The gradient of few 3×3 filters: the tiles are cut into parts, each of which one thread transforms, multiplies and turns to taps in its own cache. Then the
/// parts are added in their order.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Sums for each of the 36 products up to which a thread has them all to itself, and the tiles that are worth it at least.</summary>
    private const int WinogradOwnSums = 1 << 14, WinogradOwnTiles = 48;

    /// <summary>Parts of the tiles at most.</summary>
    private const int WinogradParts = 16;

    /// <summary>Sums for each of the 36 products: the channels in whole strips, times the filters.</summary>
    private static long WinogradSumsOf(Conv2dSizes z) => (long)Parts(z.C, Gemm.TileColumns) * Gemm.TileColumns * z.K;

    private void WinogradBackwardWeightByTiles(nint x, nint dy, nint dw, Conv2dSizes sizes)
    {
        // The more channels, the more tiles at a time: the sums are read and written once for them all.
        int both = sizes.C + sizes.K, most = Math.Min(Math.Max(80, both / 2), WinogradNumbersOfBoth / (Winograd.Products * both));
        var plan = new WinogradPlan(sizes, false, Math.Clamp(WinogradPlan.Tiles(sizes) / 3, Math.Min(32, most), most));
        var blocks = plan.Blocks;
        int blocksEach = Parts(blocks.Count, WinogradParts), parts = Parts(blocks.Count, blocksEach);
        int sums = (int)WinogradSumsOf(sizes), step = WinogradPlan.Apart(sums);
        using var taps = new Temporary(this, (long)parts * 9 * sums, nameof(Conv2dBackwardWeight));
        nint pt = taps.Pointer;
        workers.For(parts, (x, dy, pt, plan, blocks, blocksEach, sums, step), static (part, given) =>
        {
            var (x, dy, pt, plan, blocks, blocksEach, sums, step) = given;
            int width = plan.Strip, gradients = Winograd.Products * plan.GradientStep(plan.BlockTiles), first = part * blocksEach;
            float* v = Gemm.Scratch.Take(plan.InputLength + gradients + Winograd.Products * step + plan.RowsLength), d = v + plan.InputLength, products = d + gradients, rows = products + Winograd.Products * step;
            for (int i = first; i < Math.Min(first + blocksEach, blocks.Count); i++)
            {
                Cancellation.ThrowIfRequested();
                for (int strip = 0; strip < plan.ChannelStrips; strip++) TransformInput(plan, blocks[i], (float*)x, strip, rows, v);
                for (int strip = 0; strip < plan.FilterStrips; strip++) TransformGradient(plan, blocks[i], (float*)dy, strip, rows, d);
                for (int strip = 0; strip < plan.ChannelStrips; strip++)
                    for (int k = 0; k < plan.Z.K; k += width)
                        MultiplyGradients(plan, blocks[i], v, strip, d, k / width, 0, Math.Min(width, plan.Z.K - k), plan.Z.C - strip * width, products + (strip * plan.Z.K + k) * width, step, i > first);
            }
            float* to = (float*)pt + (long)part * 9 * sums;
            for (int i = 0; i < sums; i += width) Winograd.Weight(products + i, step, to + 9 * i, width, false);
        });
        workers.For(sizes.K, Math.Max(1, ElementwiseGrain / (parts * sizes.Taps)), (pt, dw, plan, parts, sums), static (begin, end, given) =>
        {
            var (pt, dw, plan, parts, sums) = given;
            int width = plan.Strip, taps = 9 * width, filters = plan.Z.K, channels = plan.Z.C;
            for (int k = begin; k < end; k++)
                for (int strip = 0; strip < plan.ChannelStrips; strip++)
                {
                    float* total = (float*)pt + (strip * filters + k) * taps, from = total;
                    for (int part = 1; part < parts; part++)
                    {
                        from += 9 * sums;
                        AddRow(from, total, taps);
                    }
                    Gemm.Pack(total, width, 1, 9, 9, Math.Min(width, channels - strip * width), (float*)dw + ((long)k * channels + strip * width) * 9);
                }
        });
    }
}
