using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Blocks of one long sequence of tokens, a text, each from a place drawn at random: what a model learns from that sees so many tokens at a time and
/// carries nothing on. The targets are the tokens one further on.</summary>
/// <remarks>The blocks of batch k of epoch e are drawn with <c>new Rng(seed).Split(e).Split(k)</c>, so a run that resumes draws the same.</remarks>
public sealed class RandomBlocks : IBatches
{
    private readonly ReadOnlyMemory<int> tokens;
    private readonly int batch, block, batches;
    private readonly ulong seed;

    /// <summary>A sequence in random blocks.</summary>
    /// <param name="tokens">Not copied.</param>
    /// <param name="batch">Blocks of a batch.</param>
    /// <param name="block">Tokens of a block.</param>
    /// <param name="batches">Batches of an epoch, for there is no end by itself.</param>
    /// <param name="seed">Of their places.</param>
    /// <exception cref="ArgumentException">The tokens do not fill one block and its targets.</exception>
    public RandomBlocks(ReadOnlyMemory<int> tokens, int batch, int block, int batches, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(block);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batches);
        if (tokens.Length <= block)
            throw new ArgumentException($"{tokens.Length:N0} tokens do not fill a block of {block} and its targets, which takes {block + 1L:N0}. Give more, or ask for shorter blocks.", nameof(tokens));
        (this.tokens, this.batch, this.block, this.batches, this.seed) = (tokens, batch, block, batches, seed);
    }

    /// <summary>Blocks of all batches.</summary>
    public int? Count => checked(batches * batch);

    /// <inheritdoc/>
    public int? BatchCount => batches;

    /// <inheritdoc/>
    public string Settings => $"{batches} batches of {batch} blocks of {block} from {tokens.Length} tokens, drawn with seed {seed}";

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Batches(new Rng(seed).Split((ulong)epoch), device, skip, cancel);
    }

    private IEnumerable<Batch> Batches(Rng rng, Device device, int skip, CancellationToken cancel)
    {
        for (int number = skip; number < batches; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var places = rng.Split((ulong)number);
            var starts = new int[batch];
            for (int i = 0; i < batch; i++) starts[i] = places.NextInt(tokens.Length - block);
            yield return new Batch(Rows(starts, 0, device), Rows(starts, 1, device));
        }
    }

    private Tensor Rows(int[] starts, int on, Device device)
    {
        var rows = new int[batch * block];
        for (int i = 0; i < batch; i++) tokens.Span.Slice(starts[i] + on, block).CopyTo(rows.AsSpan(i * block, block));
        return Tensor.From(rows, [batch, block], device);
    }
}
