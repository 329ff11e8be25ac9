using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Sixteen blocks of <see cref="Philox"/> at a time, for the processor.</summary>
internal static unsafe class PhiloxVector
{
    /// <summary>Blocks that one call makes.</summary>
    public const int Blocks = 16;

    /// <summary>Words that one call makes.</summary>
    public const int Words = 4 * Blocks;

    /// <summary>Numbers on the stack that hold the words of a call, from <see cref="Align"/> on.</summary>
    public const int Room = Words + Gemm.Line;

    /// <summary>Where in a room for words to begin: a vector that lies in two lines of the cache takes as long as two.</summary>
    public static uint* Align(uint* room) => (uint*)(((nuint)room + 4 * Gemm.Line - 1) & ~(nuint)(4 * Gemm.Line - 1));

    /// <summary>Word k of block <paramref name="block"/> + j stands in lane j of x_k.</summary>
    public static void Make(ulong key, ulong block, out Vector512<uint> x0, out Vector512<uint> x1, out Vector512<uint> x2, out Vector512<uint> x3)
        => Make(key, block, 1, out x0, out x1, out x2, out x3);

    /// <summary>Word k of block <paramref name="block"/> + j·<paramref name="step"/> stands in lane j of x_k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Make(ulong key, ulong block, ulong step, out Vector512<uint> x0, out Vector512<uint> x1, out Vector512<uint> x2, out Vector512<uint> x3)
    {
        var even = Vector512.Create(block) + Vector512.Create(0UL, 2, 4, 6, 8, 10, 12, 14) * step;
        Rounds(key, even, even + Vector512.Create(step), out var a0, out var a1, out var a2, out var a3, out var b0, out var b1, out var b2, out var b3);
        (x0, x1, x2, x3) = (Join(a0, b0), Join(a1, b1), Join(a2, b2), Join(a3, b3));
    }

    /// <summary>Word k of block <paramref name="block"/> + j·<paramref name="step"/> becomes number k·<see cref="Blocks"/> + j.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Make(ulong key, ulong block, ulong step, uint* words)
    {
        Make(key, block, step, out var x0, out var x1, out var x2, out var x3);
        x0.Store(words);
        x1.Store(words + Blocks);
        x2.Store(words + 2 * Blocks);
        x3.Store(words + 3 * Blocks);
    }

    /// <summary>The words in the stream's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Make(ulong key, ulong block, uint* words)
    {
        // Blocks i and i + 4 share 128 bits: there the halves of two vectors are sorted without crossing.
        var blocks = Vector512.Create(block) + Vector512.Create(0UL, 4, 1, 5, 2, 6, 3, 7);
        Rounds(key, blocks, blocks + Vector512.Create((ulong)Blocks / 2), out var a0, out var a1, out var a2, out var a3, out var b0, out var b1, out var b2, out var b3);
        SortPairs(Join(a0, a1).AsUInt64(), Join(a2, a3).AsUInt64(), (ulong*)words);
        SortPairs(Join(b0, b1).AsUInt64(), Join(b2, b3).AsUInt64(), (ulong*)(words + Words / 2));
    }

    /// <summary>The ten rounds of two counters a lane. Each round waits for the one before it: those of the other counter fill the time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(ulong key, Vector512<ulong> a, Vector512<ulong> b, out Vector512<ulong> a0, out Vector512<ulong> a1, out Vector512<ulong> a2, out Vector512<ulong> a3,
        out Vector512<ulong> b0, out Vector512<ulong> b1, out Vector512<ulong> b2, out Vector512<ulong> b3)
    {
        if (!Avx512F.IsSupported)
        {
            Rounds(key, a, out a0, out a1, out a2, out a3);
            Rounds(key, b, out b0, out b1, out b2, out b3);
            return;
        }
        // The first round by hand: half of the counter is 0.
        Vector512<ulong> k0 = Vector512.Create(key), k1 = Vector512.Create(key >> 32), c3 = Product(a, Philox.Multiplier0), d3 = Product(b, Philox.Multiplier0);
        Vector512<ulong> c0 = (a >> 32) ^ k0, c1 = Vector512<ulong>.Zero, c2 = (c3 >> 32) ^ k1, d0 = (b >> 32) ^ k0, d1 = c1, d2 = (d3 >> 32) ^ k1;
        for (int round = 1; round < 10; round++)
        {
            k0 += Vector512.Create((ulong)Philox.Weyl0);
            k1 += Vector512.Create((ulong)Philox.Weyl1);
            Vector512<ulong> p0 = Product(c0, Philox.Multiplier0), p1 = Product(c2, Philox.Multiplier1), q0 = Product(d0, Philox.Multiplier0), q1 = Product(d2, Philox.Multiplier1);
            c0 = (p1 >> 32) ^ c1 ^ k0;
            c2 = (p0 >> 32) ^ c3 ^ k1;
            d0 = (q1 >> 32) ^ d1 ^ k0;
            d2 = (q0 >> 32) ^ d3 ^ k1;
            (c1, c3, d1, d3) = (p1, p0, q1, q0);
        }
        (a0, a1, a2, a3, b0, b1, b2, b3) = (c0, c1, c2, c3, d0, d1, d2, d3);
    }

    /// <summary>The ten rounds for a counter a lane of 64 bits. Each word is the lower half of its lane: what the upper half holds is in no product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(ulong key, Vector512<ulong> block, out Vector512<ulong> x0, out Vector512<ulong> x1, out Vector512<ulong> x2, out Vector512<ulong> x3)
    {
        Vector512<ulong> c0 = block, c1 = block >> 32, c2 = Vector512<ulong>.Zero, c3 = Vector512<ulong>.Zero;
        Vector512<ulong> k0 = Vector512.Create(key), k1 = Vector512.Create(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector512<ulong> p0 = Product(c0, Philox.Multiplier0), p1 = Product(c2, Philox.Multiplier1);
            c0 = (p1 >> 32) ^ c1 ^ k0;
            c2 = (p0 >> 32) ^ c3 ^ k1;
            (c1, c3) = (p1, p0);
            k0 += Vector512.Create((ulong)Philox.Weyl0);
            k1 += Vector512.Create((ulong)Philox.Weyl1);
        }
        (x0, x1, x2, x3) = (c0, c1, c2, c3);
    }

    /// <summary>The lower halves of the lanes, a's before b's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Join(Vector512<ulong> a, Vector512<ulong> b) => ((a & Vector512.Create(0xFFFFFFFFUL)) | (b << 32)).AsUInt32();

    /// <summary>y = a[0], b[0], a[2], b[2], …, a[1], b[1], a[3], b[3], …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SortPairs(Vector512<ulong> a, Vector512<ulong> b, ulong* y)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.UnpackLow(a, b).Store(y);
            Avx512F.UnpackHigh(a, b).Store(y + 8);
            return;
        }
        if (Avx2.IsSupported)
        {
            Avx2.UnpackLow(a.GetLower(), b.GetLower()).Store(y);
            Avx2.UnpackLow(a.GetUpper(), b.GetUpper()).Store(y + 4);
            Avx2.UnpackHigh(a.GetLower(), b.GetLower()).Store(y + 8);
            Avx2.UnpackHigh(a.GetUpper(), b.GetUpper()).Store(y + 12);
            return;
        }
        for (int i = 0; i < 8; i++)
        {
            int to = i % 2 * 8 + (i & ~1);
            y[to] = a[i];
            y[to + 1] = b[i];
        }
    }

    /// <summary>y = x0[0], x1[0], x2[0], x3[0], x0[1], …</summary>
    public static void Interleave(Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3, uint* y)
    {
        uint* room = stackalloc uint[Room], rows = Align(room);
        x0.Store(rows);
        x1.Store(rows + Blocks);
        x2.Store(rows + 2 * Blocks);
        x3.Store(rows + 3 * Blocks);
        for (int j = 0; j < Blocks; j++)
        {
            y[4 * j] = rows[j];
            y[4 * j + 1] = rows[Blocks + j];
            y[4 * j + 2] = rows[2 * Blocks + j];
            y[4 * j + 3] = rows[3 * Blocks + j];
        }
    }

    /// <summary>Numbers in [0, 1), as <see cref="Philox.Uniform"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Uniform(Vector512<uint> words) => Vector512.ConvertToSingle((words >> 8).AsInt32()) * (1f / (1 << 24));

    /// <summary>The products of the lower halves of a's lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Product(Vector512<ulong> a, uint b)
    {
        if (Avx512F.IsSupported) return Avx512F.Multiply(a.AsUInt32(), Vector512.Create((ulong)b).AsUInt32());
        if (Avx2.IsSupported)
        {
            var factor = Vector256.Create((ulong)b).AsUInt32();
            return Vector512.Create(Avx2.Multiply(a.GetLower().AsUInt32(), factor), Avx2.Multiply(a.GetUpper().AsUInt32(), factor));
        }
        return (a & Vector512.Create(0xFFFFFFFFUL)) * Vector512.Create((ulong)b);
    }
}
