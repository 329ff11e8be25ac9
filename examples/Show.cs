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

    /// <summary>A live bar on a terminal, nothing elsewhere; the work calls what it is given after each step.</summary>
    public static void Progress(int steps, Action<Action<string>> work)
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
                var task = context.AddTask("training", maxValue: steps);
                work(text =>
                {
                    task.Description = text;
                    task.Increment(1);
                });
            });
    }

    public static void Epoch(EpochResult epoch) => AnsiConsole.WriteLine(
        $"epoch {epoch.Epoch + 1}: loss {epoch.Loss:0.0000}, test accuracy {TestAccuracy(epoch):0.0000}, {epoch.Seconds:0.0} s, {epoch.ExamplesPerSecond:N0} images/s");

    private static double TestAccuracy(EpochResult epoch) => epoch.Validation!.Metrics["accuracy"];

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
        Console.WriteLine($"test accuracy {CnnReport.Accuracy(predicted, images.Test):0.0000}");
    }

    /// <summary>How to look at the run while it goes on.</summary>
    public static void Log(string folder) => Console.WriteLine($"log in {folder}; to see it: examples -- watch {folder}");

    /// <summary>Where the files are that were written.</summary>
    public static void Files(string folder, IReadOnlyList<string> names) => Console.WriteLine($"{folder}: {string.Join(", ", names)}");

    public static void Json(CnnReport report, Device device, string data, ulong seed)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("test_accuracy", TestAccuracy(report.Epochs[report.Epochs.Count - 1]));
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
                json.WriteNumber("seconds", epoch.Seconds);
                json.WriteNumber("images_per_second", epoch.ExamplesPerSecond);
                json.WriteNumber("loss", epoch.Loss);
                json.WriteNumber("test_accuracy", TestAccuracy(epoch));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static string Ratio(int part, int whole) => whole == 0 ? "-" : $"{(double)part / whole:0.000}";
}
