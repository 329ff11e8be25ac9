using Engine.Core;

namespace Engine.Layers;

/// <summary>Exchanges top and bottom, sometimes.</summary>
public sealed class RandomVerticalFlip : Augmentation
{
    private readonly double probability;

    /// <summary>A flip.</summary>
    /// <param name="probability">Of being flipped.</param>
    public RandomVerticalFlip(double probability = 0.5)
    {
        RequireProbability(probability);
        this.probability = probability;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        bool flips = rng.NextFloat() < probability;
        for (int c = 0; c < size.Channels; c++)
            for (int y = 0; y < size.Height; y++)
            {
                int from = flips ? size.Height - 1 - y : y;
                image.Slice((c * size.Height + from) * size.Width, size.Width).CopyTo(result[((c * size.Height + y) * size.Width)..]);
            }
    }
}
