using Engine.Core;

namespace Engine.Layers;

/// <summary>Makes another image of one, as a function of the image and of random numbers alone: it keeps nothing between calls.</summary>
public abstract class Augmentation
{
    /// <summary>The sizes of the image that comes out.</summary>
    /// <param name="input">Those of the one that goes in.</param>
    /// <exception cref="ShapeException">This cannot be done to images of that size.</exception>
    public virtual ImageSize Output(ImageSize input) => input;

    /// <summary>Makes an image.</summary>
    /// <param name="image">(Channels, Height, Width), row-major.</param>
    /// <param name="size">Its sizes.</param>
    /// <param name="result">Where to write every number of the other image, (Channels, Height, Width) as <see cref="Output"/> says; not the same memory.</param>
    /// <param name="rng">Draws every random choice.</param>
    public abstract void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng);

    /// <summary>A number in [low, high).</summary>
    private protected static float Between(float low, float high, Rng rng) => low + (high - low) * rng.NextFloat();

    private protected static void RequireProbability(double probability)
    {
        if (!(probability is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is between 0 and 1.");
    }
}
