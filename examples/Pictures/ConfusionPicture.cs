using ScottPlot;
using ScottPlot.TickGenerators;

namespace Engine.Examples;

/// <summary>How often each class was taken for each: a row for what it was, a column for what was predicted.</summary>
internal static class ConfusionPicture
{
    public const int Width = 900, Height = 820;

    /// <summary>From this share on, a cell is so dark that its number is white.</summary>
    private const double Dark = .5;

    public static void Save(string path, int[] predicted, ImageSource images)
    {
        PictureFont.Use();
        int classes = images.ClassNames.Count;
        var counts = new int[classes, classes];
        for (int i = 0; i < predicted.Length; i++) counts[images.Test.Labels[i], predicted[i]]++;
        var plot = new Plot();
        var shares = Shares(counts);
        var map = plot.Add.Heatmap(shares);
        (map.Colormap, map.ManualRange) = (Colormap.FromColors([Colors.White, Color.FromSKColor(Palette.Blue)]), new ScottPlot.Range(0, 1));
        for (int was = 0; was < classes; was++)
            for (int taken = 0; taken < classes; taken++)
                if (counts[was, taken] > 0) Number(plot, taken, classes - 1 - was, counts[was, taken], shares[was, taken]);
        Names(plot, images.ClassNames);
        var bar = plot.Add.ColorBar(map);
        bar.Axis.TickLabelStyle.FontSize = 13;
        plot.Title($"{images.Name}: {predicted.Length:N0} test images; colour: share of the row", 18);
        plot.SavePng(path, Width, Height);
    }

    private static double[,] Shares(int[,] counts)
    {
        int classes = counts.GetLength(0);
        var shares = new double[classes, classes];
        for (int was = 0; was < classes; was++)
        {
            double row = Enumerable.Range(0, classes).Sum(taken => counts[was, taken]);
            for (int taken = 0; taken < classes && row > 0; taken++) shares[was, taken] = counts[was, taken] / row;
        }
        return shares;
    }

    private static void Number(Plot plot, int x, int y, int count, double share)
    {
        var text = plot.Add.Text($"{count:N0}", x, y);
        (text.LabelFontSize, text.LabelAlignment) = (13, Alignment.MiddleCenter);
        text.LabelFontColor = share >= Dark ? Colors.White : Color.FromSKColor(Palette.Ink);
    }

    private static void Names(Plot plot, IReadOnlyList<string> names)
    {
        double[] places = [.. Enumerable.Range(0, names.Count).Select(i => (double)i)];
        plot.Axes.Bottom.TickGenerator = new NumericManual(places, [.. names]);
        plot.Axes.Left.TickGenerator = new NumericManual(places, [.. names.Reverse()]);
        plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 13;
        plot.Axes.Bottom.MinimumSize = 115;
        plot.Axes.Left.MinimumSize = 125;
        plot.XLabel("predicted", 15);
        plot.YLabel("what it was", 15);
        plot.HideGrid();
        plot.Axes.SetLimits(-.5, names.Count - .5, -.5, names.Count - .5);
    }
}
