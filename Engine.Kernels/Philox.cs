using System.Runtime.CompilerServices;

namespace Engine.Kernels;

/// <summary>Philox4x32-10, a counter-based generator: number i of a stream is a pure function of (key, i), so every device and every
/// division among threads draws the same numbers.</summary>
/// <remarks>Source: Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.</remarks>
public static class Philox
{
    internal const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;      // golden ratio, sqrt(3) − 1

    /// <summary>Four 32-bit words of the block <paramref name="counter"/> of the stream <paramref name="key"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block(ulong key, ulong counter, out uint x0, out uint x1, out uint x2, out uint x3)
        => Block((uint)key, (uint)(key >> 32), (uint)counter, (uint)(counter >> 32), 0, 0, out x0, out x1, out x2, out x3);

    /// <summary>The function as published: a 64-bit key and a 128-bit counter in words, low first.</summary>
    public static void Block(uint k0, uint k1, uint c0, uint c1, uint c2, uint c3, out uint x0, out uint x1, out uint x2, out uint x3)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            uint n0 = (uint)(p1 >> 32) ^ c1 ^ k0, n2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            c0 = n0;
            c2 = n2;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        (x0, x1, x2, x3) = (c0, c1, c2, c3);
    }

    /// <summary>Word <paramref name="index"/> of the stream: word index mod 4 of block index / 4.</summary>
    public static uint Word(ulong key, ulong index)
    {
        Block(key, index >> 2, out uint x0, out uint x1, out uint x2, out uint x3);
        int lane = (int)(index & 3);
        return lane == 0 ? x0 : lane == 1 ? x1 : lane == 2 ? x2 : x3;
    }

    /// <summary>A uniform number in [0, 1) from a word: its upper 24 bits, so a float holds it exactly.</summary>
    public static float Uniform(uint word) => (word >> 8) * (1f / (1 << 24));
}
