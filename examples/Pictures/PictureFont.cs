using ScottPlot;
using SkiaSharp;

namespace Engine.Examples;

/// <summary>The typeface of every picture. It is in the program, so that pictures are the same on each machine, and have their words on one without fonts.</summary>
internal static class PictureFont
{
    private const string Resource = "DejaVuSans-Latin.ttf";

    public static SKTypeface Typeface { get; } = Load();

    /// <summary>Has ScottPlot draw all its words in it.</summary>
    public static void Use()
    {
        if (Fonts.FontResolvers is not [Resolver, ..]) Fonts.FontResolvers.Insert(0, new Resolver());
    }

    private static SKTypeface Load()
    {
        using var stream = typeof(PictureFont).Assembly.GetManifestResourceStream(Resource)!;
        return SKTypeface.FromStream(stream);
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing width) => Typeface;

        public SKTypeface CreateTypeface(string fontName, bool bold, bool italic) => Typeface;
    }
}
