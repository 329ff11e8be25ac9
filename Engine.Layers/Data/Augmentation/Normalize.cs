using System.Numerics.Tensors;
using Engine.Core;

namespace Engine.Layers;

/// <summary>(x − mean) / std, for each channel.</summary>
public sealed class Normalize : Augmentation
{
    private readonly float[] mean, std;

    /// <summary>A normalisation.</summary>
    /// <param name="mean">Of each channel, over the training images.</param>
    /// <param name="std">Of each channel, likewise.</param>
    /// <exception cref="ArgumentException">There are not as many of both, or a deviation is not positive.</exception>
    public Normalize(ReadOnlySpan<float> mean, ReadOnlySpan<float> std)
    {
        if (mean.Length != std.Length) throw new ArgumentException($"There are {mean.Length} means and {std.Length} deviations. Give one of each for each channel.", nameof(std));
        foreach (float one in std)
            if (!(one > 0)) throw new ArgumentException($"A deviation is {one}, which is not positive.", nameof(std));
        (this.mean, this.std) = (mean.ToArray(), std.ToArray());
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input) => input.Channels == mean.Length ? input
        : throw new ShapeException($"An image of {input} has {input.Channels} channels, and there are means for {mean.Length}. Give one for each channel.");

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        int plane = size.Height * size.Width;
        for (int c = 0; c < size.Channels; c++)
        {
            var to = result.Slice(c * plane, plane);
            TensorPrimitives.Subtract(image.Slice(c * plane, plane), mean[c], to);
            TensorPrimitives.Divide(to, std[c], to);
        }
    }
}
