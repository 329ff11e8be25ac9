using SkiaSharp;

namespace Engine.Examples;

/// <summary>Strips of digits, and what was read.</summary>
internal static class StripsPicture
{
    private const int Shown = 12, Scale = 3, Margin = 20, TitleHeight = 44, Gap = 16, LineHeight = 26;

    public const int Width = 2 * Margin + Scale * Strip.Width;

    /// <summary>Writes a page of the first strips with a mistake, which are half of it at most, and of the first without.</summary>
    public static void Save(string path, IReadOnlyList<(Strip Strip, IReadOnlyList<int> Read)> all)
    {
        var wrong = all.Where(one => !one.Read.SequenceEqual(one.Strip.Digits)).Take(Shown / 2).ToList();
        var shown = all.Where(one => one.Read.SequenceEqual(one.Strip.Digits)).Take(Shown - wrong.Count).Concat(wrong).ToList();
        using var surface = SKSurface.Create(new SKImageInfo(Width, 2 * Margin + TitleHeight + shown.Count * RowHeight, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        Write(canvas, "Strips that were not seen before, and what was read", Margin, Margin + 16, 18, Palette.Ink);
        for (int i = 0; i < shown.Count; i++) Draw(canvas, shown[i].Strip, shown[i].Read, Margin + TitleHeight + i * RowHeight);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.AsSpan());
    }

    private static int RowHeight => Scale * Strip.Height + LineHeight + Gap;

    private static void Draw(SKCanvas canvas, Strip strip, IReadOnlyList<int> read, float y)
    {
        using var paint = new SKPaint();
        for (int p = 0; p < Strip.Size; p++)
        {
            byte grey = strip.Pixels[p];
            paint.Color = new SKColor(grey, grey, grey);
            canvas.DrawRect(SKRect.Create(Margin + p % Strip.Width * Scale, y + p / Strip.Width * Scale, Scale, Scale), paint);
        }
        bool right = read.SequenceEqual(strip.Digits);
        Write(canvas, string.Join(" ", read) + (right ? "" : $"   and it is {string.Join(" ", strip.Digits)}"), Margin, y + Scale * Strip.Height + LineHeight - 6, 16, right ? Palette.Blue : Palette.Vermilion);
    }

    private static void Write(SKCanvas canvas, string text, float x, float y, float size, SKColor color)
    {
        using var font = new SKFont(PictureFont.Typeface, size) { Edging = SKFontEdging.Antialias };
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawText(text, x, y, SKTextAlign.Left, font, paint);
    }
}
