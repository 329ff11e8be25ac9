using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Blocks of one long sequence of tokens, a text, in random order: what a model learns from that sees so many tokens at a time and carries nothing on.
/// The targets are the tokens one further on.</summary>
/// <remarks>A round cuts the text into blocks from a random place among the first on, and goes through all of them in random order before the next round cuts it
/// anew: so every token comes once, but for some at the ends, before one comes twice. Round r is drawn with <c>new Rng(seed).Split(r)</c>, and batches count on
/// through the epochs, so a run that resumes goes on where it was.</remarks>
public sealed class RandomBlocks : IBatches
{
    private readonly ReadOnlyMemory<int> tokens;
    private readonly int batch, block, batches, blocksOfRound;
    private readonly ulong seed;

    /// <summary>A sequence in random blocks.</summary>
    /// <param name="tokens">Not copied.</param>
    /// <param name="batch">Blocks of a batch.</param>
    /// <param name="block">Tokens of a block.</param>
    /// <param name="batches">Batches of an epoch, for there is no end by itself.</param>
    /// <param name="seed">Of their places and order.</param>
    /// <exception cref="ArgumentException">The tokens do not fill one block and its targets.</exception>
    public RandomBlocks(ReadOnlyMemory<int> tokens, int batch, int block, int batches, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(block);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batches);
        if (tokens.Length <= block)
            throw new ArgumentException($"{tokens.Length:N0} tokens do not fill a block of {block} and its targets, which takes {block + 1L:N0}. Give more, or ask for shorter blocks.", nameof(tokens));
        (this.tokens, this.batch, this.block, this.batches, this.seed) = (tokens, batch, block, batches, seed);
        blocksOfRound = Math.Max(1, (tokens.Length - block) / block);    // as many wherever the first begins
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
        return Batches(epoch, device, skip, cancel);
    }

    private IEnumerable<Batch> Batches(int epoch, Device device, int skip, CancellationToken cancel)
    {
        long round = -1;
        int[] places = [];
        var starts = new int[batch];
        for (int number = skip; number < batches; number++)
        {
            cancel.ThrowIfCancellationRequested();
            for (int i = 0; i < batch; i++)
            {
                var (of, at) = Math.DivRem(((long)epoch * batches + number) * batch + i, blocksOfRound);
                if (of != round) (round, places) = (of, Places(of));
                starts[i] = places[at];
            }
            yield return new Batch(Rows(starts, 0, device), Rows(starts, 1, device));
        }
    }

    /// <summary>Where the blocks of a round begin, in their order.</summary>
    private int[] Places(long round)
    {
        var rng = new Rng(seed).Split((ulong)round);
        int first = rng.NextInt(Math.Min(block, tokens.Length - block));
        return [.. rng.Permutation(blocksOfRound).Select(at => first + at * block)];
    }

    private Tensor Rows(int[] starts, int on, Device device)
    {
        var rows = new int[batch * block];
        for (int i = 0; i < batch; i++) tokens.Span.Slice(starts[i] + on, block).CopyTo(rows.AsSpan(i * block, block));
        return Tensor.From(rows, [batch, block], device);
    }
}
