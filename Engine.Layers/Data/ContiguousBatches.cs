using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>One long sequence of tokens, a text, for a model that carries its state from batch to batch: it is cut into so many streams, and a batch is the next
/// steps of each. The targets are the tokens one further on.</summary>
/// <remarks>Row b of batch k goes on where row b of batch k − 1 ended. Tokens at the end that do not fill a batch are left out. Each epoch is the same.</remarks>
public sealed class ContiguousBatches : IBatches
{
    private readonly ReadOnlyMemory<int> tokens;
    private readonly int streams, steps, length;

    /// <summary>A sequence in batches.</summary>
    /// <param name="tokens">Not copied.</param>
    /// <param name="streams">Rows of a batch.</param>
    /// <param name="steps">Tokens of a row.</param>
    /// <exception cref="ArgumentException">The tokens do not fill one batch.</exception>
    public ContiguousBatches(ReadOnlyMemory<int> tokens, int streams, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(streams);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        (this.tokens, this.streams, this.steps, length) = (tokens, streams, steps, (tokens.Length - 1) / streams);
        if (length < steps)
            throw new ArgumentException($"{tokens.Length:N0} tokens do not fill one batch of {streams} streams of {steps} steps, which takes {(long)streams * steps + 1:N0}. Give more, or ask for fewer streams or steps.", nameof(tokens));
    }

    /// <summary>Rows of all batches.</summary>
    public int? Count => BatchCount * streams;

    /// <inheritdoc/>
    public int? BatchCount => length / steps;

    /// <inheritdoc/>
    public string Settings => $"{streams} streams of {steps} steps";

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Batches(device, skip, cancel);
    }

    private IEnumerable<Batch> Batches(Device device, int skip, CancellationToken cancel)
    {
        for (int batch = skip; batch < BatchCount; batch++)
        {
            cancel.ThrowIfCancellationRequested();
            yield return new Batch(Rows(batch * steps, device), Rows(batch * steps + 1, device));
        }
    }

    private Tensor Rows(int first, Device device)
    {
        var rows = new int[streams * steps];
        for (int stream = 0; stream < streams; stream++)
            tokens.Span.Slice(stream * length + first, steps).CopyTo(rows.AsSpan(stream * steps, steps));
        return Tensor.From(rows, [streams, steps], device);
    }
}
