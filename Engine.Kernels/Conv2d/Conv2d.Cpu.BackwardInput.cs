using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <remarks>The transposed product, Wᵀ·dY, has a row for each tap and a column for each result; each number of dx gathers from it.</remarks>
public sealed unsafe partial class CpuDevice
{
    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
    {
        var z = sizes;
        // The same convolution of dy, turned and with what of it reaches into the padding; where it strides, with zeros between.
        var turned = new Conv2dSizes(z.N, z.K, z.H + 2 * z.PadH - z.DilationH * (z.R - 1), z.W + 2 * z.PadW - z.DilationW * (z.S - 1), z.C, z.R, z.S,
            PadH: z.DilationH * (z.R - 1) - z.PadH, PadW: z.DilationW * (z.S - 1) - z.PadW, DilationH: z.DilationH, DilationW: z.DilationW, Groups: z.Groups);
        if (dy.Length > 0 && WinogradWins(z) && WinogradWins(turned))
        {
            RunWinograd((nint)Floats(dy), (nint)Floats(w), (nint)Floats(dx), 0, Activation.None, turned, true, nameof(Conv2dBackwardInput));
            return;
        }
        if (dy.Length > 0 && IsPointwise(z))
        {
            MultiplyWindows((nint)Floats(dy), (nint)Floats(w), 1, z.C, (nint)Floats(dx), 0, Activation.None, turned, nameof(Conv2dBackwardInput));
            return;
        }
        if (dy.Length > 0 && IsDepthwise(z) && turned is { PadH: >= 0, PadW: >= 0 })
        {
            RunDepthwise((nint)Floats(dy), (nint)Floats(w), (nint)Floats(dx), 0, Activation.None, turned, true, z.StrideH, z.StrideW);
            return;
        }
        Span<float>(dx).Clear();
        if (dy.Length == 0) return;
        int taps = z.R * z.S, imagesEach = ConvBlocks.Cut(z, int.MaxValue).Images, groupsOfImages = Parts(z.N, imagesEach);
        int parts = Math.Min(z.GroupC, Math.Max(Parts(z.GroupC * taps, ConvDepth / 2), Parts(ConvUnits, groupsOfImages * z.Groups)));
        int channels = Parts(z.GroupC, parts);
        int pixelsEach = Math.Clamp(ConvSpread / Math.Max(z.GroupK, channels * taps), 128, 1024);
        nint pw = (nint)Floats(w), py = (nint)Floats(dy), px = (nint)Floats(dx);
        using var packed = new Temporary(this, (long)z.K * z.Taps, nameof(Conv2dBackwardInput));
        nint pa = packed.Pointer;
        // Wᵀ in panels of taps, part by part.
        workers.For(z.Groups * parts, (pw, pa, z, parts, channels, taps), static (unit, given) =>
        {
            var (pw, pa, z, parts, channels, taps) = given;
            int group = unit / parts, c = unit % parts * channels, rows = Math.Min(channels, z.GroupC - c) * taps;
            int height = Gemm.Even(Math.Max(1, rows), Gemm.TileRows);
            for (int row = 0; row < rows; row += height)
            {
                float* from = (float*)pw + (long)group * z.GroupK * z.Taps + c * taps + row;
                float* to = (float*)pa + ((long)group * z.Taps + c * taps + row) * z.GroupK;
                Gemm.Pack(from, 1, z.Taps, Math.Min(height, rows - row), Math.Min(height, rows - row), z.GroupK, to);
            }
        });
        workers.For(groupsOfImages * z.Groups * parts, (py, pa, px, z, imagesEach, parts, channels, taps, pixelsEach), static (unit, given) =>
        {
            var (py, pa, px, z, imagesEach, parts, channels, taps, pixelsEach) = given;
            int image = unit / parts / z.Groups * imagesEach, group = unit / parts % z.Groups, c = unit % parts * channels;
            int images = Math.Min(imagesEach, z.N - image), count = Math.Min(channels, z.GroupC - c), rows = count * taps;
            if (count <= 0) return;
            int height = Gemm.Even(rows, Gemm.TileRows);
            int rowsEach = z.Pixels > pixelsEach ? Gemm.Even(z.P, Math.Max(1, pixelsEach / z.Q)) : z.P;
            int step = (images * rowsEach * z.Q + 15) / 16 * 16 + 16;
            float* gradients = Gemm.Scratch.Take((z.GroupK + rows) * step + 2 * Width), products = gradients + z.GroupK * step + Width;
            for (int p = 0; p < z.P; p += rowsEach)
            {
                var block = new ConvBlock(image, images, p, Math.Min(rowsEach, z.P - p));
                int run = block.Rows * z.Q, pixels = images * run;
                for (int k = 0; k < z.GroupK; k++)
                    for (int n = 0; n < images; n++)
                        new Span<float>((float*)py + ((long)(image + n) * z.K + group * z.GroupK + k) * z.Pixels + p * z.Q, run)
                            .CopyTo(new(gradients + k * step + n * run, run));
                for (int row = 0; row < rows; row += height)
                {
                    int many = Math.Min(height, rows - row);
                    float* a = (float*)pa + ((long)group * z.Taps + c * taps + row) * z.GroupK;
                    for (int column = 0; column < pixels; column += Gemm.TileColumns)
                        Gemm.Tile(many, pixels - column, z.GroupK, a, many, gradients + column, step, products + row * step + column, step, false);
                }
                Gather(z, block, products, step, (float*)px + (long)group * z.GroupC * z.H * z.W, c, count);
            }
        });
    }

    /// <summary>Adds the products of a block to the numbers of dx that they belong to.</summary>
    /// <param name="z">The sizes.</param>
    /// <param name="block">The results that the products are of.</param>
    /// <param name="products">A row for each tap of each channel, and a vector readable on either side.</param>
    /// <param name="step">From one row to the next.</param>
    /// <param name="dx">(N, C, H, W).</param>
    /// <param name="channel">The first channel that the products are of.</param>
    /// <param name="channels">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(Conv2dSizes z, ConvBlock block, float* products, int step, float* dx, int channel, int channels)
    {
        int width = z.Q, rows = z.R * z.S * step;
        int* taps = stackalloc int[z.S];
        var masks = stackalloc Vector512<float>[z.S];
        // Row r of a filter reaches this many rows of dy up, and this far into the stride.
        int* up = stackalloc int[z.R], rest = stackalloc int[z.R];
        for (int r = 0; r < z.R; r++) (up[r], rest[r]) = Math.DivRem(r * z.DilationH, z.StrideH);
        int firstH = Math.Max(0, block.Row * z.StrideH - z.PadH);
        int lastH = Math.Min(z.H, (block.Row + block.Rows - 1) * z.StrideH + (z.R - 1) * z.DilationH + 1 - z.PadH);
        for (int phase = 0; phase < z.StrideW; phase++)
        {
            // The columns i·stride + phase − pad of x, a vector of i at a time, and the taps that meet them.
            int shift = z.PadW - phase, first = shift <= 0 ? 0 : Parts(shift, z.StrideW), end = (z.W - 1 + shift + z.StrideW) / z.StrideW;
            for (int i = first; i < end; i += Width)
            {
                int meeting = 0;
                for (int s = 0; s < z.S; s++)
                {
                    int reach = s * z.DilationW, q = i - reach / z.StrideW;
                    if (reach % z.StrideW != phase || q <= -Width || q >= width) continue;
                    taps[meeting] = s * step + q;
                    masks[meeting++] = Vector512.LessThan((Lanes + Vector512.Create(q)).AsUInt32(), Vector512.Create((uint)width)).AsSingle();
                }
                if (meeting == 0) continue;
                for (int c = 0; c < channels; c++)
                    for (int n = 0; n < block.Images; n++)
                    {
                        float* plane = dx + ((long)(block.Image + n) * z.C + channel + c) * z.H * z.W;
                        var (top, into) = Math.DivRem(firstH + z.PadH, z.StrideH);
                        for (int h = firstH; h < lastH; h++)
                        {
                            var sum = Vector512<float>.Zero;
                            for (int r = 0; r < z.R; r++)
                            {
                                int p = top - up[r] - block.Row;
                                if (rest[r] != into || (uint)p >= (uint)block.Rows) continue;
                                float* row = products + c * rows + r * z.S * step + (n * block.Rows + p) * width;
                                for (int t = 0; t < meeting; t++) sum += Vector512.Load(row + taps[t]) & masks[t];
                            }
                            if (++into == z.StrideH) (top, into) = (top + 1, 0);
                            Strided.Add(sum, plane + h * z.W + i * z.StrideW - shift, z.StrideW, Math.Min(Width, end - i));
                        }
                    }
            }
        }
    }
}
