using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- transformer-imdb</c>: one block of a transformer, trained on film reviews.</summary>
internal static class TransformerImdbExample
{
    private const int Vocabulary = 20_000, Length = 200;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 2, batch: 32, learningRate: 1e-3);
        var command = options.AddTo(new Command("transformer-imdb", "Trains one block of a transformer to tell good films from bad ones by their reviews"));
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result);
            using var device = settings.Open();
            Run(await TextSource.Find("imdb", settings.Limit, cancel), device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(TextSource texts, Device device, RunSettings settings, CancellationToken cancel)
    {
        var batches = new TextBatches(texts, Vocabulary, Length, SequenceEnd.Start);
        var rng = new Rng(settings.Seed);
        var model = TransformerImdbModel.Build(batches.Vocabulary, Length, rng).To(device);
        var trainer = new Trainer(model, LstmModel.Optimizer(model, settings.LearningRate), Loss.CrossEntropy, new Accuracy());
        Show.Start(model, texts, device);
        var train = batches.Batches(settings.Batch, settings.Seed);
        // Keras' rate stays as it is; by going down to 0, the result depends less on the last batches.
        var rate = new LearningRateSchedule(Schedule.Cosine(train.BatchCount!.Value * settings.Epochs));
        var report = settings.Train(trainer, train, batches.TestBatches(), rng, cancel, rate);
        Console.WriteLine($"test accuracy {report.Test():0.0000}");
        if (settings.Json) Show.Json(report, device, settings.Seed, texts.Name, ("test_accuracy", report.Test()));
    }
}
