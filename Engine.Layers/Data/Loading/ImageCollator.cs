using System.Buffers;
using System.Runtime.Intrinsics;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches of images as numbers from 0 to 1, and their classes: (N, Channels, Height, Width), Float32, each pixel divided by 255 and then
/// augmented; (N), Int32.</summary>
/// <param name="augmentations">Done to each image, in order, with random numbers of its own.</param>
public sealed class ImageCollator(params Augmentation[] augmentations) : ICollator<LabelledImage>
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">Two images have not the same size, or an augmentation cannot be done to that size.</exception>
    public void Collate(ReadOnlySpan<Drawn<LabelledImage>> examples, HostBatch batch, Rng rng)
    {
        var size = examples.IsEmpty ? default : examples[0].Value.Size;
        ImageSize result = size;
        int largest = size.Count;
        foreach (var augmentation in augmentations)
        {
            result = augmentation.Output(result);
            largest = Math.Max(largest, result.Count);
        }
        var x = batch.Inputs.SetFloats([examples.Length, result.Channels, result.Height, result.Width]);
        var classes = batch.Targets.SetInts([examples.Length]);
        float[] rented = ArrayPool<float>.Shared.Rent(2 * largest);
        Span<float> one = rented.AsSpan(0, largest), other = rented.AsSpan(largest, largest);
        for (int i = 0; i < examples.Length; i++)
        {
            var image = examples[i].Value;
            if (image.Size != size) throw new ShapeException($"The batch's image {i} is {image.Size}, and image 0 is {size}. Crop or scale them to one size.");
            if (image.Pixels.Length != size.Count) throw new ShapeException($"The batch's image {i} has {image.Pixels.Length} pixels, and {size} has {size.Count}. Cut its bytes out at the right place.");
            var row = x.Slice(i * result.Count, result.Count);
            ToShares(image.Pixels.Span, augmentations.Length == 0 ? row : one[..size.Count]);
            Augment(size, one, other, row, examples[i].Rng);
            classes[i] = image.Class;
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>From one buffer to the other and back; the last time into the batch.</summary>
    private void Augment(ImageSize size, Span<float> one, Span<float> other, Span<float> row, Rng rng)
    {
        for (int a = 0; a < augmentations.Length; a++)
        {
            var output = augmentations[a].Output(size);
            var to = a == augmentations.Length - 1 ? row : other[..output.Count];
            augmentations[a].Apply(one[..size.Count], size, to, rng);
            var swap = one;
            one = other;
            other = swap;
            size = output;
        }
    }

    /// <summary>Each byte divided by 255.</summary>
    internal static void ToShares(ReadOnlySpan<byte> pixels, Span<float> x)
    {
        x = x[..pixels.Length];
        int p = 0;
        for (; p <= x.Length - Vector256<byte>.Count; p += Vector256<byte>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(pixels[p..]));
            Write(low, x[p..]);
            Write(high, x[(p + Vector256<ushort>.Count)..]);
        }
        for (; p < x.Length; p++) x[p] = pixels[p] / 255f;
    }

    private static void Write(Vector256<ushort> values, Span<float> x)
    {
        var (low, high) = Vector256.Widen(values);
        (Vector256.ConvertToSingle(low.AsInt32()) / 255f).CopyTo(x);
        (Vector256.ConvertToSingle(high.AsInt32()) / 255f).CopyTo(x[Vector256<float>.Count..]);
    }
}
