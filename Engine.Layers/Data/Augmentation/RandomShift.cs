using Engine.Core;

namespace Engine.Layers;

/// <summary>Moves an image by whole pixels down or up and right or left; zeros come in at the edges.</summary>
public sealed class RandomShift : Augmentation
{
    private readonly int most;

    /// <summary>A shift.</summary>
    /// <param name="most">Pixels at most, each way; every count up to it is as likely.</param>
    public RandomShift(int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        this.most = most;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        int top = rng.NextInt(2 * most + 1) - most, left = rng.NextInt(2 * most + 1) - most;
        Window.Copy(image, size, result, size.Height, size.Width, top, left);
    }
}
