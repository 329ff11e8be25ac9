using Engine.Core;

namespace Engine.Layers;

/// <summary>Exchanges left and right, sometimes.</summary>
public sealed class RandomHorizontalFlip : Augmentation
{
    private readonly double probability;

    /// <summary>A flip.</summary>
    /// <param name="probability">Of being flipped.</param>
    public RandomHorizontalFlip(double probability = 0.5)
    {
        RequireProbability(probability);
        this.probability = probability;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        image.CopyTo(result);
        if (rng.NextFloat() >= probability) return;
        for (int row = 0; row < size.Channels * size.Height; row++) result.Slice(row * size.Width, size.Width).Reverse();
    }
}
