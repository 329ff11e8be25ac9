using System.Numerics.Tensors;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Makes an image lighter or darker, then stronger or weaker in contrast: x ← b·x, then x ← m + c·(x − m) with m the mean of the image, each
/// clamped to 0..1. For images of shares from 0 to 1, so before <see cref="Normalize"/>.</summary>
public sealed class BrightnessContrast : Augmentation
{
    private readonly float brightness, contrast;

    /// <summary>A change of brightness and contrast.</summary>
    /// <param name="brightness">b is between 1 − brightness and 1 + brightness.</param>
    /// <param name="contrast">c is between 1 − contrast and 1 + contrast.</param>
    public BrightnessContrast(double brightness = 0, double contrast = 0)
    {
        if (!(brightness is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(brightness), brightness, "It is between 0 and 1.");
        if (!(contrast is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(contrast), contrast, "It is between 0 and 1.");
        (this.brightness, this.contrast) = ((float)brightness, (float)contrast);
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        float b = Between(1 - brightness, 1 + brightness, rng), c = Between(1 - contrast, 1 + contrast, rng);
        TensorPrimitives.Multiply(image, b, result);
        TensorPrimitives.Clamp(result, 0, 1, result);
        float m = result.IsEmpty ? 0 : TensorPrimitives.Sum<float>(result) / result.Length;
        TensorPrimitives.Subtract(result, m, result);
        TensorPrimitives.Multiply(result, c, result);
        TensorPrimitives.Add(result, m, result);
        TensorPrimitives.Clamp(result, 0, 1, result);
    }
}
