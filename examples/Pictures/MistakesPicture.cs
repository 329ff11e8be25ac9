using Engine.Layers;
using SkiaSharp;

namespace Engine.Examples;

/// <summary>Test images that were taken for what they are not.</summary>
internal static class MistakesPicture
{
    private const int Columns = 8, Rows = 3, Side = 112;

    public static void Save(string path, int[] predicted, ImageSource images) => Page(predicted, images).Save(path);

    public static TilePage Page(int[] predicted, ImageSource images)
    {
        int[] wrong = Wrong(predicted, images.Test), shown = [.. wrong.Take(Columns * Rows)];
        return new TilePage(wrong.Length == 0 ? "No wrong answers" : $"{shown.Length:N0} of {wrong.Length:N0} wrong answers",
            $"{images.Name}, {predicted.Length:N0} test images, the first ones",
            [.. shown.Select(i => new Tile(Colours(images.Test, i), $"true: {images.ClassNames[images.Test.Labels[i]]}", $"predicted: {images.ClassNames[predicted[i]]}"))], Columns, Side);
    }

    /// <summary>The images whose predicted class is not theirs.</summary>
    public static int[] Wrong(int[] predicted, LabelledImages test) => [.. Enumerable.Range(0, predicted.Length).Where(i => predicted[i] != test.Labels[i])];

    private static SKColor[,] Colours(LabelledImages images, int image)
    {
        var colours = new SKColor[images.Height, images.Width];
        var pixels = images.Pixels(image);
        for (int p = 0; p < images.Height * images.Width; p++) colours[p / images.Width, p % images.Width] = new SKColor(pixels[p], pixels[p], pixels[p]);
        return colours;
    }
}
