using Engine.Layers;

namespace Engine.Examples;

/// <summary>The training images in batches, as they are or each time a little different.</summary>
internal static class CnnBatches
{
    /// <summary>Pixels that an image is moved by at most, each way.</summary>
    private const int Shift = 2;

    /// <param name="images">The images.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <param name="seed">Of the order, and of what is random in the images.</param>
    /// <param name="augment">Whether each image is moved at random, and mirrored where a mirrored one is still of its class.</param>
    /// <param name="workers">Threads that make batches ahead; the batches do not depend on it.</param>
    public static IBatches Of(ImageSource images, int batch, ulong seed, bool augment, int workers)
    {
        Augmentation[] augmentations = !augment ? [] : images.MayBeMirrored ? [new RandomHorizontalFlip(), new RandomShift(Shift)] : [new RandomShift(Shift)];
        return new DataLoader<LabelledImage>(images.Train, new ImageCollator(augmentations), batch, seed, shuffle: true, workers: workers);
    }
}
