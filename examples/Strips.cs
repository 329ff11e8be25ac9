using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- strips</c>: reads strips of several digits, of which nobody says where they stand.</summary>
internal static class Strips
{
    /// <summary>The class that means no digit.</summary>
    public const int Blank = 10;

    private const int TestBatch = 100;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 3, batch: 32, learningRate: 2e-3);
        var data = new Option<string>("--data") { Description = "mnist, fashion-mnist, or a folder with the four IDX files, from whose images strips are put together", DefaultValueFactory = _ => "mnist" };
        var strips = RunOptions.Number("--strips", "Strips to train on in an epoch, new ones each time", least: 1, otherwise: 6400);
        var command = options.AddTo(new Command("strips", "Reads strips of three to eight digits: convolutions, a GRU in both directions, and CTC") { data, strips });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { LossName = "CTC loss a digit", Unit = "1 − edits / digits" };
            using var device = settings.Open();
            var images = await ImageSource.Find(result.GetValue(data)!, cancel);
            var train = new StripImages(images.Train, Math.Min(settings.Limit, result.GetValue(strips)));
            var test = new StripImages(images.Test, Math.Min(settings.Limit, 1000));
            Run(images, train, test, device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(ImageSource images, StripImages train, StripImages test, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new StripReader(rng).To(device);
        var trainer = Trainer(model, settings.LearningRate);
        var learnt = new DataLoader<Strip>(train, new StripCollator(), settings.Batch, settings.Seed, shuffle: true);
        var tested = new DataLoader<Strip>(test, new StripCollator(), TestBatch);
        Show.Start(model, images, device);
        var report = settings.Train(trainer, learnt, tested, rng, cancel);
        var read = Read(model, tested, device, cancel);
        double exact = read.Average(strip => strip.Read.SequenceEqual(strip.Strip.Digits) ? 1.0 : 0);
        StripsPicture.Save(Path.Combine(settings.Out, "strips.png"), read);
        Show.Files(settings.Out, ["strips.png"]);
        Console.WriteLine($"{report.Test():0.0000} of the digits right, {exact:0.0000} of {test.Count:N0} strips without a mistake");
        if (settings.Json) Show.Json(report, device, settings.Seed, images.Name, ("test_accuracy", report.Test()), ("strips_exact", exact));
    }

    public static Trainer Trainer(Layer model, double learningRate)
        => new(model, new Adam(model.Parameters, learningRate), (y, digits) => Loss.Ctc(y, digits, null, blank: Blank), new CtcAccuracy(Blank))
        {
            BeforeStep = parameters => parameters.ClipGradNorm(5),
        };

    /// <summary>The test's strips, and what the model reads.</summary>
    private static List<(Strip Strip, IReadOnlyList<int> Read)> Read(Layer model, IBatches strips, Device device, CancellationToken cancel)
    {
        var read = new List<(Strip, IReadOnlyList<int>)>();
        foreach (var batch in strips.Epoch(0, device, cancel: cancel))
        {
            using var scope = device.Scope("the prediction");
            float[] pixels = batch.Inputs.ToArray();
            int[] digits = batch.Targets.ToArray<int>();
            foreach (var (n, found) in CtcDecoder.Greedy(model.Predict(batch.Inputs, cancel), null, Blank).Index())
                read.Add((Strip.Of(pixels.AsSpan(n * Strip.Size, Strip.Size), digits.AsSpan(n * Strip.MostDigits, Strip.MostDigits)), found.Labels));
        }
        return read;
    }
}
