using System.Globalization;
using Engine.Core;
using SkiaSharp;

namespace Engine.Examples;

/// <summary>The filters of a convolution's first input channel.</summary>
internal static class FiltersPicture
{
    private const int Columns = 8, Side = 76;

    /// <param name="path">The PNG.</param>
    /// <param name="weight">Filters (K, C, R, S).</param>
    public static void Save(string path, Tensor weight) => Page(weight).Save(path);

    public static TilePage Page(Tensor weight)
    {
        float[] all = weight.ToArray();
        int size = weight.Shape.Product(1, 4);
        float most = Math.Max(all.Max(MathF.Abs), float.Epsilon);
        var tiles = Enumerable.Range(0, weight.Shape[0]).Select(k => new Tile(Colours(all.AsSpan(k * size, size), weight.Shape[2], weight.Shape[3], most), $"{k}")).ToArray();
        return new TilePage($"The first layer's {tiles.Length} filters",
            string.Create(CultureInfo.InvariantCulture, $"blue: up to {most:0.00}; white: 0; orange: down to −{most:0.00}"), tiles, Columns, Side);
    }

    private static SKColor[,] Colours(ReadOnlySpan<float> filter, int rows, int columns, float most)
    {
        var colours = new SKColor[rows, columns];
        for (int i = 0; i < rows * columns; i++) colours[i / columns, i % columns] = Palette.Diverging(filter[i] / most);
        return colours;
    }
}
