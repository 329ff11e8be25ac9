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
        int across = (z.P + TransposeBlock - 1) / TransposeBlock, down = (z.Q + TransposeBlock - 1) / TransposeBlock;
        int numbers = Math.Min(z.P, TransposeBlock) * Math.Min(z.Q, TransposeBlock);
        workers.For(z.Outer.Count * across * down, Math.Max(1, ElementwiseGrain / numbers), (begin, end) =>
        {
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
                if (sizeof(T) == 4 && Avx.IsSupported && height == Tile && width == Tile)
                    TransposeTile((float*)px, (float*)py, fromRow, toRow);
                else
                    for (int j = 0; j < width; j++)
                        for (int i = 0; i < height; i++) py[(long)j * toRow + i] = px[(long)i * fromRow + j];
            }
    }

    // Where rows lie a power of two apart, all of a tile's lines fall into one set of the cache: they must not be needed twice.
    private static void TransposeTile(float* x, float* y, long fromRow, long toRow)
    {
        float* turned = stackalloc float[Tile * Tile];
        for (int half = 0; half < Tile; half += 8)
        {
            float* from = x + half * fromRow, to = turned + half;
            for (int column = 0; column < Tile; column += 4, from += 4, to += 4 * Tile)
            {
                // Lanes [row i, row i + 4]; then four columns of eight.
                var a = Vector256.Create(Vector128.Load(from), Vector128.Load(from + 4 * fromRow));
                var b = Vector256.Create(Vector128.Load(from + fromRow), Vector128.Load(from + 5 * fromRow));
                var c = Vector256.Create(Vector128.Load(from + 2 * fromRow), Vector128.Load(from + 6 * fromRow));
                var d = Vector256.Create(Vector128.Load(from + 3 * fromRow), Vector128.Load(from + 7 * fromRow));
                Vector256<float> ab = Avx.UnpackLow(a, b), cd = Avx.UnpackLow(c, d), ab2 = Avx.UnpackHigh(a, b), cd2 = Avx.UnpackHigh(c, d);
                Avx.Shuffle(ab, cd, 0x44).Store(to);
                Avx.Shuffle(ab, cd, 0xEE).Store(to + Tile);
                Avx.Shuffle(ab2, cd2, 0x44).Store(to + 2 * Tile);
                Avx.Shuffle(ab2, cd2, 0xEE).Store(to + 3 * Tile);
            }
        }
        for (int row = 0; row < Tile; row++) Unsafe.CopyBlockUnaligned(y + row * toRow, turned + row * Tile, Tile * sizeof(float));
    }
}
