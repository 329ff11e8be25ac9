using Engine.Core;

namespace Engine.Layers;

/// <summary>Cuts a rectangle out of an image, at a random place, after padding it with zeros on all sides.</summary>
public sealed class RandomCrop : Augmentation
{
    private readonly int height, width, padding;

    /// <summary>A crop.</summary>
    /// <param name="height">Rows that remain.</param>
    /// <param name="width">Columns that remain.</param>
    /// <param name="padding">Zeros on each side.</param>
    public RandomCrop(int height, int width, int padding = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        (this.height, this.width, this.padding) = (height, width, padding);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        if (height > input.Height + 2 * padding || width > input.Width + 2 * padding)
            throw new ShapeException($"A crop of {height}×{width} does not fit an image of {input.Height}×{input.Width} with {padding} of padding on each side. Pad more, or crop less.");
        return input with { Height = height, Width = width };
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        int top = rng.NextInt(size.Height + 2 * padding - height + 1) - padding, left = rng.NextInt(size.Width + 2 * padding - width + 1) - padding;
        Window.Copy(image, size, result, height, width, top, left);
    }
}
