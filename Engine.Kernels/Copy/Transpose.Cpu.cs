using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Side of the square that one step transposes: a cache line of floats, so that each line is read whole and written whole.</summary>
    private const int Tile = 16;

    /// <summary>Side of the square of tiles that is walked before going on: 64 pages, which fit the address buffers.</summary>
    private const int TransposeBlock = 64;

    private void Transposes<T>(T* x, T* y, TransposeSizes z) where T : unmanaged
    {
        nint from = (nint)x, to = (nint)y;
        int across = Parts(z.P, TransposeBlock), down = Parts(z.Q, TransposeBlock);
        int numbers = Math.Min(z.P, TransposeBlock) * Math.Min(z.Q, TransposeBlock);
        workers.For(z.Outer.Count * across * down, Math.Max(1, ElementwiseGrain / numbers), (from, to, z, across, down), static (begin, end, given) =>
        {
            var (from, to, z, across, down) = given;
            for (int block = begin; block < end; block++)
            {
                int outer = block / (across * down), q = block / across % down * TransposeBlock, p = block % across * TransposeBlock;
                T* px = (T*)from + z.Outer.Offset(outer, z.From) + (long)p * z.FromP + q;
                T* py = (T*)to + z.Outer.Offset(outer, z.To) + (long)q * z.ToQ + p;
                TransposeTiles(px, py, Math.Min(TransposeBlock, z.P - p), Math.Min(TransposeBlock, z.Q - q), z.FromP, z.ToQ);
            }
        });
    }

    private static void TransposeTiles<T>(T* x, T* y, int rows, int columns, int fromRow, int toRow) where T : unmanaged
    {
        for (int q = 0; q < columns; q += Tile)
            for (int p = 0; p < rows; p += Tile)
            {
                T* px = x + (long)p * fromRow + q, py = y + (long)q * toRow + p;
                int height = Math.Min(Tile, rows - p), width = Math.Min(Tile, columns - q);
                if (sizeof(T) == 4 && Avx.IsSupported) TransposeTile((float*)px, (float*)py, height, width, fromRow, toRow);
                else
                    for (int j = 0; j < width; j++, px++, py += toRow)
                    {
                        T* from = px;
                        for (int i = 0; i < height; i++, from += fromRow) py[i] = *from;
                    }
            }
    }

    // By way of two small squares. Where rows lie a power of two apart, all of a tile's lines fall into one set of the cache, and none of them
    // may be needed twice.
    [SkipLocalsInit]
    private static void TransposeTile(float* x, float* y, int height, int width, long fromRow, long toRow)
    {
        float* tile = stackalloc float[Tile * Tile], turned = stackalloc float[Tile * Tile];
        for (int row = 0; row < height; row++) CopyFew(x + row * fromRow, tile + row * Tile, width);
        for (int row = 0; row < height; row += 8)
            for (int column = 0; column < width; column += 4)
            {
                float* from = tile + row * Tile + column, to = turned + column * Tile + row;
                // Lanes [row i, row i + 4]; then four columns of eight.
                var a = Vector256.Create(Vector128.Load(from), Vector128.Load(from + 4 * Tile));
                var b = Vector256.Create(Vector128.Load(from + Tile), Vector128.Load(from + 5 * Tile));
                var c = Vector256.Create(Vector128.Load(from + 2 * Tile), Vector128.Load(from + 6 * Tile));
                var d = Vector256.Create(Vector128.Load(from + 3 * Tile), Vector128.Load(from + 7 * Tile));
                Vector256<float> ab = Avx.UnpackLow(a, b), cd = Avx.UnpackLow(c, d), ab2 = Avx.UnpackHigh(a, b), cd2 = Avx.UnpackHigh(c, d);
                Avx.Shuffle(ab, cd, 0x44).Store(to);
                Avx.Shuffle(ab, cd, 0xEE).Store(to + Tile);
                Avx.Shuffle(ab2, cd2, 0x44).Store(to + 2 * Tile);
                Avx.Shuffle(ab2, cd2, 0xEE).Store(to + 3 * Tile);
            }
        for (int column = 0; column < width; column++) CopyFew(turned + column * Tile, y + column * toRow, height);
    }

    /// <summary>Copies 1 to 16 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFew(float* x, float* y, int n)
    {
        // No wider than the stores before it, whose numbers a load may have to take from the store buffer.
        if (n >= 8)
        {
            Vector256<float> first = Vector256.Load(x), last = Vector256.Load(x + n - 8);
            first.Store(y);
            last.Store(y + n - 8);
        }
        else if (n >= 4)
        {
            Vector128<float> first = Vector128.Load(x), last = Vector128.Load(x + n - 4);
            first.Store(y);
            last.Store(y + n - 4);
        }
        else
        {
            for (int i = 0; i < n; i++) y[i] = x[i];
        }
    }
}
