using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace Engine.Examples;

/// <summary>Where a model looked while it wrote.</summary>
/// <param name="Source">The words that it read.</param>
/// <param name="Target">The words that it wrote.</param>
/// <param name="Weights">(Target, Source): how much each word counted; a row sums to 1.</param>
internal sealed record AttentionMap(string[] Source, string[] Target, float[] Weights);

/// <summary>A row for each word that was written, a column for each that was read, dark where it counted.</summary>
internal static class AttentionPicture
{
    public const int Width = 1200, Height = 1000;

    private const int Columns = 2;

    public static void Save(string path, IReadOnlyList<AttentionMap> maps)
    {
        PictureFont.Use();
        var page = new Multiplot { Layout = new Grid((maps.Count + Columns - 1) / Columns, Math.Min(Columns, maps.Count)) };
        page.AddPlots(maps.Count);
        for (int i = 0; i < maps.Count; i++) Draw(page.GetPlot(i), maps[i]);
        page.SavePng(path, Width, Height);
    }

    private static void Draw(Plot plot, AttentionMap map)
    {
        int rows = map.Target.Length, columns = map.Source.Length;
        var weights = new double[rows, columns];
        for (int i = 0; i < map.Weights.Length; i++) weights[i / columns, i % columns] = map.Weights[i];
        var heat = plot.Add.Heatmap(weights);
        (heat.Colormap, heat.ManualRange) = (Colormap.FromColors([Colors.White, Color.FromSKColor(Palette.Blue)]), new ScottPlot.Range(0, 1));
        plot.Axes.Bottom.TickGenerator = new NumericManual(Places(columns), map.Source);
        plot.Axes.Left.TickGenerator = new NumericManual(Places(rows), [.. map.Target.Reverse()]);
        plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 16;
        (plot.Axes.Bottom.MinimumSize, plot.Axes.Left.MinimumSize) = (100, 130);
        plot.XLabel("read", 14);
        plot.YLabel("written", 14);
        plot.HideGrid();
        plot.Axes.SetLimits(-.5, columns - .5, -.5, rows - .5);
    }

    private static double[] Places(int count) => [.. Enumerable.Range(0, count).Select(i => (double)i)];
}
