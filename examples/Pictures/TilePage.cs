using SkiaSharp;

namespace Engine.Examples;

/// <summary>A small picture on a page of them, and what stands below it.</summary>
/// <param name="Pixels">Colours (rows, columns).</param>
/// <param name="Lines">What stands below it, a line each.</param>
internal sealed record Tile(SKColor[,] Pixels, params string[] Lines);

/// <summary>A page of small pictures in rows, below a title.</summary>
internal sealed class TilePage
{
    private const int Margin = 20, Gap = 14, TitleHeight = 56, LineHeight = 18;

    private readonly IReadOnlyList<Tile> tiles;
    private readonly string title, note;
    private readonly int columns, side, lines;

    /// <param name="title">Above all.</param>
    /// <param name="note">Below the title, smaller.</param>
    /// <param name="tiles">In rows, from left to right.</param>
    /// <param name="columns">Of tiles, at most.</param>
    /// <param name="side">Pixels of a tile's picture, each way.</param>
    public TilePage(string title, string note, IReadOnlyList<Tile> tiles, int columns, int side)
    {
        (this.title, this.note, this.tiles, this.columns, this.side) = (title, note, tiles, columns, side);
        lines = tiles.Count == 0 ? 0 : tiles.Max(tile => tile.Lines.Length);
    }

    /// <summary>In rows, from left to right.</summary>
    public IReadOnlyList<Tile> Tiles => tiles;

    public int Width => 2 * Margin + columns * side + (columns - 1) * Gap;

    public int Height => 2 * Margin + TitleHeight + (tiles.Count + columns - 1) / columns * CellHeight;

    private int CellHeight => side + lines * LineHeight + Gap;

    public void Save(string path)
    {
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        Write(canvas, title, Margin, Margin + 16, 18, Palette.Ink, SKTextAlign.Left);
        Write(canvas, note, Margin, Margin + 38, 13, Palette.Grey, SKTextAlign.Left);
        for (int i = 0; i < tiles.Count; i++) Draw(canvas, tiles[i], Margin + i % columns * (side + Gap), Margin + TitleHeight + i / columns * CellHeight);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.AsSpan());
    }

    private void Draw(SKCanvas canvas, Tile tile, float x, float y)
    {
        int rows = tile.Pixels.GetLength(0), cells = tile.Pixels.GetLength(1);
        using var paint = new SKPaint();
        for (int row = 0; row < rows; row++)
            for (int cell = 0; cell < cells; cell++)
            {
                paint.Color = tile.Pixels[row, cell];
                canvas.DrawRect(SKRect.Create(x + (float)cell * side / cells, y + (float)row * side / rows, (float)side / cells, (float)side / rows), paint);
            }
        using var frame = new SKPaint { Color = Palette.Grey, Style = SKPaintStyle.Stroke };
        canvas.DrawRect(SKRect.Create(x - .5f, y - .5f, side + 1, side + 1), frame);
        for (int i = 0; i < tile.Lines.Length; i++)
            Write(canvas, tile.Lines[i], x + side / 2f, y + side + (i + 1) * LineHeight - 3, 12, Palette.Ink, SKTextAlign.Center, side + 4);
    }

    /// <summary>Writes a line, smaller where it would be too wide.</summary>
    private void Write(SKCanvas canvas, string text, float x, float y, float size, SKColor color, SKTextAlign align, float? room = null)
    {
        using var font = new SKFont(PictureFont.Typeface, size) { Edging = SKFontEdging.Antialias };
        float width = font.MeasureText(text), most = room ?? Width - 2 * Margin;
        if (width > most) font.Size *= most / width;
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawText(text, x, y, align, font, paint);
    }
}
