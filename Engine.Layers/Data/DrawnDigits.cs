using Engine.Core;

namespace Engine.Layers;

/// <summary>Draws images of digits by itself, for where no data are at hand: strokes, shifted, scaled, turned, slanted, thin or thick, and
/// noisy. The same random numbers draw the same images.</summary>
public static class DrawnDigits
{
    /// <summary>Rows and columns of an image.</summary>
    public const int Side = 28;

    // Each digit is strokes of points in a box of 1 by 1, y downward.
    private static readonly (float X, float Y)[][][] Strokes =
    [
        [Arc(.5f, .5f, .3f, .45f, 0, 360)],
        [[(.35f, .25f), (.55f, .05f), (.55f, .95f)]],
        [[.. Arc(.5f, .3f, .28f, .25f, 180, 400), (.2f, .95f), (.8f, .95f)]],
        [[.. Arc(.45f, .28f, .28f, .23f, 200, 450), .. Arc(.45f, .73f, .32f, .24f, 270, 520)]],
        [[(.6f, .95f), (.6f, .05f), (.2f, .65f), (.85f, .65f)]],
        [[(.75f, .05f), (.3f, .05f), (.27f, .45f), .. Arc(.47f, .66f, .3f, .28f, 225, 500)]],
        [[(.65f, .05f), (.4f, .3f), (.25f, .6f), .. Arc(.5f, .7f, .25f, .25f, 180, 540)]],
        [[(.2f, .05f), (.8f, .05f), (.4f, .95f)]],
        [Arc(.5f, .27f, .22f, .21f, 0, 360), Arc(.5f, .71f, .28f, .24f, 0, 360)],
        [[.. Arc(.5f, .3f, .25f, .25f, 360, 0), (.72f, .65f), (.5f, .95f)]],
    ];

    /// <summary>Draws images of digits in random order, each digit as likely as the others.</summary>
    /// <param name="count">How many.</param>
    /// <param name="rng">Draws every random choice.</param>
    /// <returns>Images (count, 1, 28, 28): white on black.</returns>
    public static LabelledImages Draw(int count, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(rng);
        var pixels = new byte[count * Side * Side];
        var labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)rng.NextInt(Strokes.Length);
            Draw(Strokes[labels[i]], pixels.AsSpan(i * Side * Side, Side * Side), rng);
        }
        return new LabelledImages(pixels, labels, 1, Side, Side);
    }

    private static void Draw((float X, float Y)[][] strokes, Span<byte> pixels, Rng rng)
    {
        float Between(float low, float high) => low + (high - low) * rng.NextFloat();
        float width = Between(11, 20), height = Between(16, 22), slant = Between(-.3f, .3f);
        float shiftX = Between(-2.5f, 2.5f), shiftY = Between(-2.5f, 2.5f), radius = Between(.6f, 1.6f);
        var (sin, cos) = MathF.SinCos(Between(-.25f, .25f));
        float noise = Between(0, 30), ink = Between(170, 255);
        var placed = strokes.Select(stroke => stroke.Select(point =>
        {
            float y = (point.Y - .5f) * height + Between(-.4f, .4f), x = (point.X - .5f) * width - slant * y + Between(-.4f, .4f);
            return (X: Side / 2f + shiftX + x * cos - y * sin, Y: Side / 2f + shiftY + x * sin + y * cos);
        }).ToArray()).ToArray();
        for (int p = 0; p < pixels.Length; p++)
        {
            float distance = float.PositiveInfinity, x = p % Side + .5f, y = p / Side + .5f;
            foreach (var stroke in placed)
                for (int i = 1; i < stroke.Length; i++) distance = MathF.Min(distance, Distance(x, y, stroke[i - 1], stroke[i]));
            float value = ink * Math.Clamp(radius + .5f - distance, 0, 1) + noise * rng.NextFloat();
            pixels[p] = (byte)Math.Clamp(value, 0, 255);
        }
    }

    /// <summary>From a point to a line from a to b.</summary>
    private static float Distance(float x, float y, (float X, float Y) a, (float X, float Y) b)
    {
        float dx = b.X - a.X, dy = b.Y - a.Y, length = dx * dx + dy * dy;
        float t = length == 0 ? 0 : Math.Clamp(((x - a.X) * dx + (y - a.Y) * dy) / length, 0, 1);
        return MathF.Sqrt((x - a.X - t * dx) * (x - a.X - t * dx) + (y - a.Y - t * dy) * (y - a.Y - t * dy));
    }

    /// <summary>A part of an ellipse; 0° is to the right and 90° downward.</summary>
    private static (float X, float Y)[] Arc(float x, float y, float radiusX, float radiusY, float from, float to)
    {
        const int Pieces = 14;
        return [.. Enumerable.Range(0, Pieces + 1).Select(i =>
        {
            var (sin, cos) = MathF.SinCos((from + (to - from) * i / Pieces) * MathF.PI / 180);
            return (x + radiusX * cos, y + radiusY * sin);
        })];
    }
}
