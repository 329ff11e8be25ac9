using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What a transformer that writes token after token remembers of the positions so far: the keys and values of each layer. A step then computes the new
/// positions alone, and costs the same at any position but for attention itself.</summary>
/// <remarks>For passes under <see cref="NoGrad"/>, and for one thread. All sequences of the batch have as many positions; a mask hides those of some.</remarks>
public sealed class KeyValueCache : IDisposable
{
    private readonly AttentionCache[] layers;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="batch">B, sequences side by side.</param>
    /// <param name="room">Positions at most.</param>
    /// <param name="keySize">Numbers of a position's keys, of all heads: <see cref="MultiHeadAttention.KeySize"/>. Of its values, too.</param>
    /// <param name="device">The model's; the processor unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1.</exception>
    public KeyValueCache(int layers, int batch, int room, int keySize, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(room);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keySize);
        this.layers = new AttentionCache[layers];
        for (int i = 0; i < layers; i++) this.layers[i] = new AttentionCache(i, batch, room, keySize, keySize, device ?? Device.Cpu);
    }

    /// <summary>How many layers there are.</summary>
    public int Layers => layers.Length;

    /// <summary>One layer's.</summary>
    public AttentionCache this[int layer] => layers[layer];

    /// <summary>B, sequences side by side.</summary>
    public int Batch => layers[0].Batch;

    /// <summary>Positions at most.</summary>
    public int Room => layers[0].Room;

    /// <summary>Positions that are in it: the next token's position.</summary>
    public int Length => layers[0].Length;

    /// <summary>Takes some of the sequences, in another order or repeated: the beams that a search goes on with. B becomes R.</summary>
    /// <param name="rows">Int32, (R), each in 0..B−1, on the cache's device; reading them waits for it. Where they are 0..B−1 in order nothing is copied.</param>
    /// <exception cref="ShapeException">The rows are not (R), or there are none.</exception>
    /// <exception cref="IndexException">A row is out of range; the cache is as it was.</exception>
    public void Select(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Rank != 1 || rows.Count == 0) throw new ShapeException($"The rows {rows.Shape} must be (R), one at least.");
        int[] order = rows.ToArray<int>();
        foreach (int row in order)
            if ((uint)row >= (uint)Batch) throw new IndexException($"Row {row} is none of the cache's {Batch} sequences, 0..{Batch - 1}.");
        if (order.Length == Batch && order.Index().All(at => at.Index == at.Item)) return;
        using var whole = InPlace.Whole();
        using var noGrad = NoGrad.Begin();
        foreach (var layer in layers) layer.Select(rows);
    }

    /// <summary>Forgets all positions from one on; with 0 a decoder's memory of its source, too.</summary>
    /// <param name="length">How many stay, 0..<see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        foreach (var layer in layers) layer.Truncate(length);
    }

    internal void Require(int layers)
    {
        if (layers != Layers) throw new ArgumentException($"The cache was made for {Layers} layers, and there are {layers}. Make it with NewCache.");
    }

    /// <summary>Gives the memory back; without it, that is done once nobody holds the cache any more.</summary>
    public void Dispose()
    {
        foreach (var layer in layers) layer.End();
    }

    /// <summary>Runs a pass through all layers; one that ends early leaves the positions as they were.</summary>
    internal T Step<T>(Func<T> pass)
    {
        int before = Length;
        bool done = false;
        try
        {
            var y = pass();
            done = true;
            return y;
        }
        finally
        {
            if (!done) foreach (var layer in layers) layer.Truncate(Math.Min(before, layer.Length));
        }
    }
}
