using System.Text;
using System.Text.Json;
using Engine.Kernels;
using Engine.Layers;
using Spectre.Console;

namespace Engine.Examples;

/// <summary>What the examples print.</summary>
internal static class Show
{
    private const int LossesInJson = 100;

    private static bool IsTerminal => AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    public static void Start(Layer model, ImageSource images, Device device)
    {
        Console.WriteLine($"{images.Name}: {images.Train.Count:N0} training and {images.Test.Count:N0} test images, on {device}");
        Console.WriteLine(model);
    }

    public static void Start(Layer model, TextSource texts, Device device)
    {
        Console.WriteLine($"{texts.Name}: {texts.Train.Count:N0} training and {texts.Test.Count:N0} test texts in {texts.Train.ClassNames.Count} classes, on {device}");
        Console.WriteLine(model);
    }

    /// <summary>A live bar on a terminal, nothing elsewhere; the work calls what it is given after each step.</summary>
    /// <param name="steps">How many there will be; null where nobody knows.</param>
    /// <param name="work">The work.</param>
    /// <param name="what">What it is called before its first step.</param>
    public static void Progress(int? steps, Action<Action<string>> work, string what = "training")
    {
        if (!IsTerminal)
        {
            work(_ => { });
            return;
        }
        AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(what, maxValue: steps ?? 1);
                task.IsIndeterminate = steps is null;
                work(text =>
                {
                    task.Description = text;
                    if (steps is not null) task.Increment(1);
                });
            });
    }

    /// <param name="epoch">The epoch.</param>
    /// <param name="validation">What the data are called that it was tested with.</param>
    public static void Epoch(EpochResult epoch, string validation)
    {
        var tests = epoch.Validation is { } test ? test.Metrics.Prepend(new("loss", test.Loss)).Select(m => $", {validation} {m.Key} {m.Value:0.0000}") : [];
        AnsiConsole.WriteLine($"epoch {epoch.Epoch + 1}: loss {epoch.Loss:0.0000}{string.Concat(tests)}, {epoch.Seconds:0.0} s, {epoch.ExamplesPerSecond:N0} examples/s");
    }

    /// <summary>Precision, recall and count of each class.</summary>
    public static void Classes(int[] predicted, ImageSource images)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("class");
        foreach (string column in new[] { "precision", "recall", "count" }) table.AddColumn(new TableColumn(column).RightAligned());
        for (int c = 0; c < images.ClassNames.Count; c++)
        {
            int found = predicted.Count(p => p == c), there = images.Test.Labels.Count((byte)c), both = 0;
            for (int i = 0; i < predicted.Length; i++)
                if (predicted[i] == c && images.Test.Labels[i] == c) both++;
            table.AddRow(Markup.Escape(images.ClassNames[c]), Ratio(both, found), Ratio(both, there), $"{there:N0}");
        }
        AnsiConsole.Write(table);
        Console.WriteLine($"test accuracy {Right(predicted, images.Test):0.0000}");
    }

    /// <summary>How to look at the run while it goes on.</summary>
    public static void Log(string folder) => Console.WriteLine($"log in {folder}; to see it: examples -- watch {folder}");

    /// <summary>Where the files are that were written.</summary>
    public static void Files(string folder, IReadOnlyList<string> names) => Console.WriteLine($"{folder}: {string.Join(", ", names)}");

    /// <summary>The line of JSON that a run ends with: first its own figures, then where it ran, then its losses and epochs.</summary>
    public static void Json(TrainingReport report, Device device, ulong seed, string data, params ReadOnlySpan<(string Name, double Value)> figures)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (name, value) in figures) json.WriteNumber(name, value);
            json.WriteString("data", data);
            json.WriteString("device", device.ToString());
            json.WriteNumber("seed", seed);
            json.WriteStartArray("losses");
            foreach (double loss in report.Losses.Take(LossesInJson)) json.WriteNumberValue(loss);
            json.WriteEndArray();
            json.WriteStartArray("epochs");
            foreach (var epoch in report.Epochs)
            {
                json.WriteStartObject();
                foreach (var (name, value) in epoch.Figures()) json.WriteNumber(name, value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static double Right(int[] predicted, LabelledImages test)
    {
        int right = 0;
        for (int i = 0; i < predicted.Length; i++)
            if (predicted[i] == test.Labels[i]) right++;
        return (double)right / predicted.Length;
    }

    private static string Ratio(int part, int whole) => whole == 0 ? "-" : $"{(double)part / whole:0.000}";
}
