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

    /// <summary>Word k of block <paramref name="block"/> + j stands in lane j of x_k.</summary>
    public static void Make(ulong key, ulong block, out Vector512<uint> x0, out Vector512<uint> x1, out Vector512<uint> x2, out Vector512<uint> x3)
    {
        var low = Vector512.Create((uint)block) + CpuDevice.Lanes.AsUInt32();
        var carry = Vector512.LessThan(low, Vector512.Create((uint)block)) & Vector512<uint>.One;
        Vector512<uint> c0 = low, c1 = Vector512.Create((uint)(block >> 32)) + carry, c2 = Vector512<uint>.Zero, c3 = Vector512<uint>.Zero;
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            Multiply(c0, Philox.Multiplier0, out var high0, out var low0);
            Multiply(c2, Philox.Multiplier1, out var high1, out var low1);
            c0 = high1 ^ c1 ^ Vector512.Create(k0);
            c2 = high0 ^ c3 ^ Vector512.Create(k1);
            (c1, c3) = (low1, low0);
            k0 += Philox.Weyl0;
            k1 += Philox.Weyl1;
        }
        (x0, x1, x2, x3) = (c0, c1, c2, c3);
    }

    /// <summary>The words in the stream's order.</summary>
    public static void Make(ulong key, ulong block, uint* words)
    {
        Make(key, block, out var x0, out var x1, out var x2, out var x3);
        Interleave(x0, x1, x2, x3, words);
    }

    /// <summary>y = x0[0], x1[0], x2[0], x3[0], x0[1], …</summary>
    public static void Interleave(Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3, uint* y)
    {
        uint* rows = stackalloc uint[Words];
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

    // The 64-bit products of the even lanes and of the odd ones, sorted into upper and lower halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Vector512<uint> a, uint b, out Vector512<uint> high, out Vector512<uint> low)
    {
        var lower = Vector512.Create(0xFFFFFFFFUL);
        Vector512<ulong> even = Product(a.AsUInt64() & lower, b), odd = Product(a.AsUInt64() >> 32, b);
        low = ((even & lower) | (odd << 32)).AsUInt32();
        high = ((even >> 32) | (odd & ~lower)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Product(Vector512<ulong> a, uint b)
    {
        if (Avx512F.IsSupported) return Avx512F.Multiply(a.AsUInt32(), Vector512.Create((ulong)b).AsUInt32());
        if (Avx2.IsSupported)
        {
            var factor = Vector256.Create((ulong)b).AsUInt32();
            return Vector512.Create(Avx2.Multiply(a.GetLower().AsUInt32(), factor), Avx2.Multiply(a.GetUpper().AsUInt32(), factor));
        }
        return a * Vector512.Create((ulong)b);
    }
}
