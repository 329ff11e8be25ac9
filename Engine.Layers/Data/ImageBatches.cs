using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Images and their classes in batches: numbers from 0 to 1, (N, Channels, Height, Width), and Int32, (N).</summary>
public sealed class ImageBatches : IBatches
{
    private readonly LabelledImages images;
    private readonly int batchSize;
    private readonly ulong? shuffleSeed;
    private readonly Rng? order;

    /// <summary>The images in batches.</summary>
    /// <param name="images">All of them.</param>
    /// <param name="batchSize">How many in each; a last one may have fewer.</param>
    /// <param name="shuffleSeed">Each epoch has an order of its own, <c>new Rng(seed).Split(epoch).Permutation(count)</c>; left out, that of the images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is under 1.</exception>
    public ImageBatches(LabelledImages images, int batchSize, ulong? shuffleSeed = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        (this.images, this.batchSize, this.shuffleSeed, order) = (images, batchSize, shuffleSeed, shuffleSeed is { } seed ? new Rng(seed) : null);
    }

    /// <inheritdoc/>
    public int? Count => images.Count;

    /// <inheritdoc/>
    public int? BatchCount => (images.Count + batchSize - 1) / batchSize;

    /// <inheritdoc/>
    public string Settings => $"batches of {batchSize}, {(shuffleSeed is { } seed ? $"shuffled with seed {seed}" : "in order")}";

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Batches(order?.Split((ulong)epoch).Permutation(images.Count) ?? [.. Enumerable.Range(0, images.Count)], device, skip, cancel);
    }

    private IEnumerable<Batch> Batches(int[] indices, Device device, int skip, CancellationToken cancel)
    {
        for (int first = skip * batchSize; first < indices.Length; first += batchSize)
        {
            cancel.ThrowIfCancellationRequested();
            var (x, classes) = images.Batch(indices.AsSpan(first, Math.Min(batchSize, indices.Length - first)), device);
            yield return new Batch(x, classes);
        }
    }
}
