using Engine.Kernels;

namespace Engine.Core;

/// <summary>A stream of random numbers: Philox, counter-based, so a seed gives the same numbers on every device, and where the stream has got
/// to is one number, which a checkpoint saves. For one thread at a time; <see cref="Split"/> makes one for another.</summary>
/// <param name="seed">The stream's key.</param>
/// <remarks>Source: Salmon, Moraes, Dror and Shaw 2011, doi:10.1145/2063384.2063405.</remarks>
public sealed class Rng(ulong seed)
{
    /// <summary>The stream's key.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>32-bit words used so far.</summary>
    public ulong Position { get; set; }

    /// <summary>Sets words aside for a kernel to draw by itself.</summary>
    /// <param name="words">How many; rounded up to a multiple of 4, a block of Philox.</param>
    /// <returns>The index of the first one, a multiple of 4.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="words"/> is negative.</exception>
    public ulong Take(long words)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(words);
        ulong first = UpToBlock(Position);
        Position = first + UpToBlock((ulong)words);
        return first;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextWord() => Philox.Word(Seed, Position++);

    /// <summary>The next number in [0, 1), one of 2²⁴ evenly spaced.</summary>
    public float NextFloat() => Philox.Uniform(NextWord());

    /// <summary>The next integer in 0..below−1, each as likely as the others.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="below"/> is not positive.</exception>
    /// <remarks>Source: Lemire 2019, "Fast random integer generation in an interval", doi:10.1145/3230636.</remarks>
    public int NextInt(int below)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(below);
        uint n = (uint)below, threshold = (uint)(0x1_0000_0000UL % n);
        ulong product;
        do product = (ulong)NextWord() * n;
        while ((uint)product < threshold);
        return (int)(product >> 32);
    }

    /// <summary>The integers 0..n−1 in random order.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is negative.</exception>
    /// <remarks>Source: Fisher and Yates, as in Knuth, "The art of computer programming", volume 2, algorithm 3.4.2P.</remarks>
    public int[] Permutation(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var order = new int[n];
        for (int i = 0; i < n; i++)
        {
            int j = NextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /// <summary>A stream of its own for each number, at its beginning: for a shard, a worker, a layer. Draws nothing from this one.</summary>
    /// <param name="stream">Which.</param>
    public Rng Split(ulong stream)
    {
        // Counters whose third word is 1 are never reached by drawing.
        Philox.Block((uint)Seed, (uint)(Seed >> 32), (uint)stream, (uint)(stream >> 32), 1, 0, out uint low, out uint high, out _, out _);
        return new Rng((ulong)high << 32 | low);
    }

    private static ulong UpToBlock(ulong words) => (words + 3) & ~3UL;
}
