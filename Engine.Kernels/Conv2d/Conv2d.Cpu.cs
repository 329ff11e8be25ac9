using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>Convolution as a matrix product, Y = W·X, a block of results at a time: X has a row for each tap of a filter and a column for each
/// result, and is made in a thread's own cache. Source: Chellapilla, Puri and Simard 2006, High Performance Convolutional Neural Networks for
/// Document Processing.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Terms of a sum that are multiplied at a time: their part of W stays in the first-level cache.</summary>
    private const int ConvDepth = 576;

    /// <summary>Numbers of the spread matrix at a time: a fifth of a second-level cache of 1 MiB.</summary>
    private const int ConvSpread = 49152;

    /// <summary>Pieces of work that a kernel is cut into at least, where its sizes allow.</summary>
    private const int ConvUnits = 16;

    private protected override void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation)
    {
        var z = sizes;
        nint px = (nint)Floats(x), pw = (nint)Floats(w), py = (nint)Floats(y), pb = bias is { } given ? (nint)Floats(given) : 0;
        if (WinogradWins(z))
        {
            RunWinograd(px, pw, py, pb, activation, z, false, nameof(Conv2dForward));
            return;
        }
        if (IsDepthwise(z))
        {
            RunDepthwise(px, pw, py, pb, activation, z);
            return;
        }
        MultiplyWindows(px, pw, z.Taps, 1, py, pb, activation, z, nameof(Conv2dForward));
    }

    /// <summary>The product, block by block. Number (k, tap) of W is w[k·filterStep + tap·tapStep].</summary>
    private void MultiplyWindows(nint px, nint pw, nint filterStep, nint tapStep, nint py, nint pb, Activation activation, Conv2dSizes z, string kernel)
    {
        int taps = z.R * z.S, channels = Math.Clamp(ConvDepth / taps, 1, z.GroupC);
        var blocks = ConvBlocks.Cut(z, Math.Clamp(ConvSpread / (channels * taps), 128, 1024));
        int height = Gemm.Even(z.GroupK, Gemm.TileRows), panels = Parts(z.GroupK, height);
        int parts = Math.Min(panels, Parts(ConvUnits, blocks.Count * z.Groups)), panelsEach = Parts(panels, parts);
        using var packed = new Temporary(this, (long)z.K * z.Taps, kernel);
        nint pa = packed.Pointer;
        workers.For(z.Groups * panels, Math.Max(1, ConvPackGrain / (height * z.Taps)), (pw, pa, z, filterStep, tapStep, panels, height), static (begin, end, given) =>
        {
            var (pw, pa, z, filterStep, tapStep, panels, height) = given;
            for (int i = begin; i < end; i++)
            {
                int k = i / panels * z.GroupK + i % panels * height, rows = Math.Min(height, z.GroupK - i % panels * height);
                Gemm.Pack((float*)pw + k * filterStep, filterStep, tapStep, rows, rows, z.Taps, (float*)pa + (long)k * z.Taps);
            }
        });
        workers.For(blocks.Count * z.Groups * parts, (px, pa, pb, py, z, activation, blocks, parts, panels, panelsEach, height, channels, taps), static (unit, given) =>
        {
            var (px, pa, pb, py, z, activation, blocks, parts, panels, panelsEach, height, channels, taps) = given;
            var block = blocks[unit / parts / z.Groups];
            int group = unit / parts % z.Groups, firstPanel = unit % parts * panelsEach, lastPanel = Math.Min(panels, firstPanel + panelsEach);
            int firstK = firstPanel * height, lastK = Math.Min(lastPanel * height, z.GroupK);
            if (firstK >= lastK) return;
            var window = new ConvWindow(z, block);
            int pixels = block.Images * block.Rows * z.Q, step = (pixels + 15) / 16 * 16 + 16;
            float* spread = Gemm.Scratch.Take(channels * taps * step + (lastK - firstK) * step + channels * window.ChannelStep + ConvWindow.Slack);
            float* results = spread + channels * taps * step, copy = results + (lastK - firstK) * step;
            for (int c = 0; c < z.GroupC; c += channels)
            {
                Cancellation.ThrowIfRequested();                    // a block of many filters takes milliseconds
                int count = Math.Min(channels, z.GroupC - c);
                window.Fill((float*)px, group * z.GroupC + c, count, copy);
                window.Spread(copy, count * taps, spread, step);
                for (int k = firstK; k < lastK; k += height)
                {
                    int rows = Math.Min(height, z.GroupK - k);
                    float* a = (float*)pa + (long)(group * z.GroupK + k) * z.Taps + c * taps * rows;
                    for (int column = 0; column < pixels; column += Gemm.TileColumns)
                        Gemm.Tile(rows, pixels - column, count * taps, a, rows, spread + column, step, results + (k - firstK) * step + column, step, c > 0);
                }
            }
            for (int k = firstK; k < lastK; k++)
            {
                int filter = group * z.GroupK + k, run = block.Rows * z.Q;
                float b = pb == 0 ? 0 : ((float*)pb)[filter];
                for (int n = 0; n < block.Images; n++)
                    FinishRow(results + (k - firstK) * step + n * run, (float*)py + ((long)(block.Image + n) * z.K + filter) * z.Pixels + block.Row * z.Q, run, b, activation);
            }
        });
    }

    /// <summary>Numbers of a filter bank that a thread packs at a time.</summary>
    private const int ConvPackGrain = 8192;

    // Relu, which the field uses most, in the same pass; any other in one more over what is in the cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FinishRow(float* from, float* to, int count, float bias, Activation activation)
    {
        var b = Vector512.Create(bias);
        var least = activation == Activation.Relu ? Vector512<float>.Zero : Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= count - Width; i += Width) Vector512.MaxNative(least, Vector512.Load(from + i) + b).Store(to + i);
        if (i < count) StoreTail(Vector512.MaxNative(least, Vector512.Load(from + i) + b), to + i, count - i);
        if (activation is not (Activation.None or Activation.Relu)) Activate(to, count, activation);
    }

    /// <summary>Memory for one kernel's call.</summary>
    private readonly ref struct Temporary
    {
        private readonly CpuDevice device;
        private readonly Piece piece;

        public Temporary(CpuDevice device, long floats, string kernel)
        {
            this.device = device;
            piece = device.Pool.Rent(Math.Max(1, floats) * sizeof(float), kernel);
        }

        public nint Pointer => (nint)Start(piece.Block, piece.Offset);

        public void Dispose() => device.Pool.Return(piece);
    }
}
