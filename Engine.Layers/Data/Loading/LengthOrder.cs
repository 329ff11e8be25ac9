using Engine.Core;

namespace Engine.Layers;

/// <summary>Puts examples of like lengths into one batch, so that little of it is padding.</summary>
internal sealed class LengthOrder(IReadOnlyList<int> lengths, int batchSize)
{
    /// <summary>Batches that are sorted together: more waste less, fewer leave more to chance.</summary>
    private const int Pool = 100;

    private readonly int[] lengths = [.. lengths];

    /// <summary>How many lengths.</summary>
    public int Count => lengths.Length;

    /// <summary>All examples, the shortest first.</summary>
    public int[] Sorted() => [.. Enumerable.Range(0, lengths.Length).OrderBy(i => lengths[i])];

    /// <summary>All examples in random order, sorted by length within every hundred batches; those batches then in random order. A last one that is not
    /// full has random examples, so that none is left out more often for its length where that one is dropped.</summary>
    public int[] Draw(Rng rng)
    {
        int[] order = rng.Permutation(lengths.Length);
        int full = lengths.Length / batchSize, pool = (int)Math.Min((long)Pool * batchSize, Array.MaxLength);
        int[][] batches = [.. order[..(full * batchSize)].Chunk(pool).SelectMany(some => some.OrderBy(i => lengths[i]).Chunk(batchSize))];
        return [.. rng.Permutation(full).SelectMany(i => batches[i]), .. order[(full * batchSize)..]];
    }
}
