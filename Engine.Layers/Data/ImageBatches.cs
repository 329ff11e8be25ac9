using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Images and their classes in batches as they are: a <see cref="DataLoader{T}"/> with an <see cref="ImageCollator"/>, which does this and more.</summary>
public sealed class ImageBatches : IBatches
{
    private readonly DataLoader<LabelledImage> loader;

    /// <summary>The images in batches.</summary>
    /// <param name="images">All of them.</param>
    /// <param name="batchSize">How many in each; a last one may have fewer.</param>
    /// <param name="shuffleSeed">Each epoch has an order of its own, <c>new Rng(seed).Split(epoch).Permutation(count)</c>; left out, that of the images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is under 1.</exception>
    public ImageBatches(LabelledImages images, int batchSize, ulong? shuffleSeed = null)
        => loader = new DataLoader<LabelledImage>(images, new ImageCollator(), batchSize, shuffleSeed ?? 0, shuffle: shuffleSeed is not null);

    /// <inheritdoc/>
    public int? Count => loader.Count;

    /// <inheritdoc/>
    public int? BatchCount => loader.BatchCount;

    /// <inheritdoc/>
    public string Settings => loader.Settings;

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default) => loader.Epoch(epoch, device, skip, cancel);
}
