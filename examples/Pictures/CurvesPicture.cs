using Engine.Layers;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace Engine.Examples;

/// <summary>A training's losses, and its accuracies or another metric beside them.</summary>
internal static class CurvesPicture
{
    public const int Width = 1200, Height = 480;

    /// <summary>How much of the smoothed loss each step keeps.</summary>
    private const double Smoothing = 0.9;

    private static readonly Color Training = Color.FromSKColor(Palette.Blue), Validation = Color.FromSKColor(Palette.Vermilion);

    /// <param name="path">The file.</param>
    /// <param name="report">What training gave, of whatever length; without a metric only the losses are drawn.</param>
    /// <param name="loss">What the loss is called.</param>
    /// <param name="unit">What the first metric counts.</param>
    public static void Save(string path, TrainingReport report, string loss, string unit)
    {
        PictureFont.Use();
        string? metric = report.Epochs.SelectMany(e => e.Metrics.Keys).FirstOrDefault();
        var both = new Multiplot { Layout = new Columns() };
        both.AddPlots(metric is null ? 1 : 2);
        Losses(both.GetPlot(0), report, loss);
        if (metric is not null) Metric(both.GetPlot(1), report.Epochs, metric, unit);
        both.SavePng(path, Width, Height);
    }

    private static void Losses(Plot plot, TrainingReport report, string loss)
    {
        Name(plot, "Loss", "training step", loss);
        double[] steps = [.. Enumerable.Range(0, report.Losses.Count).Select(i => (double)report.FirstStep + i)];
        var each = plot.Add.ScatterLine(steps, report.Losses.ToArray(), Training.WithAlpha(.3));
        (each.LineWidth, each.LegendText) = (1, "each step");
        var smooth = plot.Add.ScatterLine(steps, Smooth(report.Losses), Training);
        (smooth.LineWidth, smooth.LegendText) = (2.5f, "smoothed");
        EpochResult[] tested = Tested(report.Epochs);
        Points(plot, [.. tested.Select(e => (double)e.Step)], [.. tested.Select(e => e.Validation!.Loss)], Validation, "validation", LinePattern.Dashed);
        plot.ShowLegend(Alignment.UpperRight);
        plot.Axes.SetLimitsY(0, 1.05 * Highest([.. report.Losses, .. tested.Select(e => e.Validation!.Loss)]));
    }

    private static void Metric(Plot plot, History epochs, string metric, string unit)
    {
        Name(plot, char.ToUpperInvariant(metric[0]) + metric[1..].Replace('_', ' '), "epoch", unit);
        EpochResult[] tested = Tested(epochs);
        Points(plot, Numbers(epochs), [.. epochs.Select(e => e.Metrics[metric])], Training, "training", LinePattern.Solid);
        Points(plot, Numbers(tested), [.. tested.Select(e => e.Validation!.Metrics[metric])], Validation, "validation", LinePattern.Dashed);
        plot.ShowLegend(Alignment.LowerRight);
        plot.Axes.SetLimitsX(.5, epochs.Count + .5);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.AutoScaleY();
    }

    private static EpochResult[] Tested(History epochs) => [.. epochs.Where(e => e.Validation is not null)];

    private static double[] Numbers(IEnumerable<EpochResult> epochs) => [.. epochs.Select(e => e.Epoch + 1.0)];

    private static void Points(Plot plot, double[] x, double[] y, Color color, string name, LinePattern pattern)
    {
        if (x.Length == 0) return;
        var line = plot.Add.Scatter(x, y, color);
        (line.LineWidth, line.LinePattern, line.MarkerSize, line.LegendText) = (2, pattern, 8, name);
    }

    private static void Name(Plot plot, string title, string x, string y)
    {
        plot.Title(title, 18);
        plot.XLabel(x, 14);
        plot.YLabel(y, 14);
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 13;
        plot.Legend.FontSize = 13;
        plot.Axes.Left.MinimumSize = 84;
        plot.Axes.Right.MinimumSize = 24;
    }

    /// <summary>An exponential mean, as if what was before the first number were not there.</summary>
    private static double[] Smooth(List<double> values)
    {
        var smooth = new double[values.Count];
        double sum = 0, weight = 0;
        for (int i = 0; i < smooth.Length; i++)
        {
            sum = Smoothing * sum + values[i];
            weight = Smoothing * weight + 1;
            smooth[i] = sum / weight;
        }
        return smooth;
    }

    private static double Highest(IEnumerable<double> values) => values.Append(1e-6).Max();
}
