using Engine.Core;

namespace Engine.Layers;

/// <summary>Turns an image about its middle, by an angle between −degrees and degrees. A pixel is interpolated between the four nearest; zeros come in
/// at the edges.</summary>
public sealed class RandomRotation : Augmentation
{
    private readonly float degrees;

    /// <summary>A rotation.</summary>
    /// <param name="degrees">At most, each way.</param>
    public RandomRotation(double degrees)
    {
        if (!(degrees is >= 0 and <= 180)) throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "An angle is between 0 and 180 degrees.");
        this.degrees = (float)degrees;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
        => Rotate(image, size, result, Between(-degrees, degrees, rng));

    /// <summary>Turns an image, counter-clockwise as it is seen.</summary>
    internal static void Rotate(ReadOnlySpan<float> image, ImageSize size, Span<float> result, float degrees)
    {
        var (sin, cos) = MathF.SinCos(degrees * (MathF.PI / 180));
        float middleX = (size.Width - 1) / 2f, middleY = (size.Height - 1) / 2f;
        int plane = size.Height * size.Width;
        for (int c = 0; c < size.Channels; c++)
        {
            var from = image.Slice(c * plane, plane);
            var to = result.Slice(c * plane, plane);
            for (int y = 0; y < size.Height; y++)
            {
                float dy = y - middleY;
                var row = to.Slice(y * size.Width, size.Width);
                // (x, y) comes from the place that the turn takes there: x' = cos·dx − sin·dy, y' = sin·dx + cos·dy about the middle.
                for (int x = 0; x < row.Length; x++)
                {
                    float dx = x - middleX;
                    row[x] = At(from, size, middleX + cos * dx - sin * dy, middleY + sin * dx + cos * dy);
                }
            }
        }
    }

    /// <summary>The image at a place between pixels: (1−fy)·((1−fx)·a + fx·b) + fy·((1−fx)·c + fx·d).</summary>
    private static float At(ReadOnlySpan<float> plane, ImageSize size, float x, float y)
    {
        float floorX = MathF.Floor(x), floorY = MathF.Floor(y);
        int left = (int)floorX, top = (int)floorY;
        if (left < -1 || top < -1 || left >= size.Width || top >= size.Height) return 0;
        float fx = x - floorX, fy = y - floorY, a, b, c, d;
        int at = top * size.Width + left;
        if (left >= 0 && top >= 0 && left < size.Width - 1 && top < size.Height - 1)
        {
            (a, b) = (plane[at], plane[at + 1]);
            (c, d) = (plane[at + size.Width], plane[at + size.Width + 1]);
        }
        else
        {
            bool hasLeft = left >= 0, hasRight = left < size.Width - 1, hasTop = top >= 0, hasBottom = top < size.Height - 1;
            a = hasTop && hasLeft ? plane[at] : 0;
            b = hasTop && hasRight ? plane[at + 1] : 0;
            c = hasBottom && hasLeft ? plane[at + size.Width] : 0;
            d = hasBottom && hasRight ? plane[at + size.Width + 1] : 0;
        }
        float upper = a + fx * (b - a), lower = c + fx * (d - c);
        return upper + fy * (lower - upper);
    }
}
