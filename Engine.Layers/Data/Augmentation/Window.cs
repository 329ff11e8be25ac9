namespace Engine.Layers;

internal static class Window
{
    /// <summary>Copies a rectangle of an image, in all channels; zeros where it reaches past the edges.</summary>
    /// <param name="image">(Channels, Height, Width).</param>
    /// <param name="size">Its sizes.</param>
    /// <param name="result">(Channels, height, width).</param>
    /// <param name="height">Rows of the rectangle.</param>
    /// <param name="width">Columns of the rectangle.</param>
    /// <param name="top">The image's row at which it begins; may be negative.</param>
    /// <param name="left">The image's column, likewise.</param>
    public static void Copy(ReadOnlySpan<float> image, ImageSize size, Span<float> result, int height, int width, int top, int left)
    {
        result.Clear();
        int fromX = Math.Max(0, left), count = Math.Min(size.Width, left + width) - fromX;
        int fromY = Math.Max(0, top), toY = Math.Min(size.Height, top + height);
        if (count <= 0) return;
        for (int c = 0; c < size.Channels; c++)
            for (int y = fromY; y < toY; y++)
                image.Slice((c * size.Height + y) * size.Width + fromX, count).CopyTo(result[((c * height + y - top) * width + fromX - left)..]);
    }
}
