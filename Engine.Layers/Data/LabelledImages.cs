using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Images of bytes with a class each.</summary>
public sealed class LabelledImages : IDataset<LabelledImage>
{
    private readonly byte[] pixels;
    private readonly byte[] labels;

    /// <summary>Images and their classes.</summary>
    /// <param name="pixels">(Count, Channels, Height, Width), row-major.</param>
    /// <param name="labels">A class for each image.</param>
    /// <param name="channels">1 for grey, 3 for colours.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <exception cref="ArgumentException">The counts disagree.</exception>
    public LabelledImages(byte[] pixels, byte[] labels, int channels, int height, int width)
    {
        if (pixels.LongLength != (long)labels.Length * channels * height * width)
            throw new ArgumentException($"{pixels.LongLength} pixels are not {labels.Length} images of ({channels}, {height}, {width}).", nameof(pixels));
        (this.pixels, this.labels, Channels, Height, Width) = (pixels, labels, channels, height, width);
    }

    /// <summary>How many images.</summary>
    public int Count => labels.Length;

    /// <summary>1 for grey, 3 for colours.</summary>
    public int Channels { get; }

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>The class of each image.</summary>
    public ReadOnlySpan<byte> Labels => labels;

    /// <summary>The pixels of one image, (Channels, Height, Width), row-major.</summary>
    public ReadOnlySpan<byte> Pixels(int image) => pixels.AsSpan(image * Size, Size);

    /// <summary>An image and its class, without a copy.</summary>
    /// <inheritdoc/>
    public LabelledImage Get(int index, Rng rng)
    {
        if ((uint)index >= (uint)Count) throw new IndexException($"There is no image {index} among {Count}.");
        return new LabelledImage(pixels.AsMemory(index * Size, Size), new ImageSize(Channels, Height, Width), labels[index]);
    }

    private int Size => Channels * Height * Width;

    /// <summary>Reads images and labels from two IDX files.</summary>
    /// <param name="imagesPath">An IDX file (Count, Height, Width).</param>
    /// <param name="labelsPath">An IDX file (Count).</param>
    /// <param name="classes">How many classes there are; every label must be under it.</param>
    /// <exception cref="DataFormatException">A file is not valid, or the two do not belong together.</exception>
    public static LabelledImages ReadIdx(string imagesPath, string labelsPath, int classes = 10)
    {
        var images = IdxFile.Read(imagesPath);
        if (images.Sizes.Count != 3) throw new DataFormatException(imagesPath, 3, $"it has {images.Sizes.Count} axes, and images have 3: count, height, width. Is it the file of labels?");
        var labels = IdxFile.Read(labelsPath);
        if (labels.Sizes.Count != 1) throw new DataFormatException(labelsPath, 3, $"it has {labels.Sizes.Count} axes, and labels have 1. Is it the file of images?");
        if (images.Sizes[0] != labels.Sizes[0])
            throw new DataFormatException(labelsPath, 4, $"it has {labels.Sizes[0]} labels, and {imagesPath} has {images.Sizes[0]} images. They do not belong together.");
        int bad = labels.Data.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (bad >= 0) throw new DataFormatException(labelsPath, 8 + bad, $"label {bad} is {labels.Data[bad]}, and there are {classes} classes.");
        return new LabelledImages(images.Data, labels.Data, 1, images.Sizes[1], images.Sizes[2]);
    }

    /// <summary>The first images, or all where there are fewer.</summary>
    public LabelledImages Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= Count ? this : new LabelledImages(pixels[..(count * Size)], labels[..count], Channels, Height, Width);
    }

    /// <summary>Some images as numbers from 0 to 1, and their classes.</summary>
    /// <param name="indices">Which.</param>
    /// <param name="device">Where to.</param>
    /// <returns>Images (N, Channels, Height, Width), Float32, each pixel divided by 255; classes (N), Int32.</returns>
    /// <exception cref="IndexException">There is no such image.</exception>
    public (Tensor Images, Tensor Classes) Batch(ReadOnlySpan<int> indices, Device? device = null)
    {
        var x = new float[indices.Length * Size];
        var y = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            int image = indices[i];
            if ((uint)image >= (uint)Count) throw new IndexException($"There is no image {image} among {Count}.");
            y[i] = labels[image];
            ImageCollator.ToShares(Pixels(image), x.AsSpan(i * Size, Size));
        }
        return (Tensor.From(x, [indices.Length, Channels, Height, Width], device), Tensor.From(y, [indices.Length], device));
    }
}
