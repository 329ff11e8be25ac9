using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- cnn</c>: the article's network, trained on images in ten classes.</summary>
internal static class Cnn
{
    private sealed record Settings(int Epochs, int Batch, ulong Seed, double LearningRate, string? Checkpoints, bool Augment, int Workers, string Out);

    public static Command Command()
    {
        var data = new Option<string>("--data") { Description = "fashion-mnist, mnist, or a folder with the four IDX files", DefaultValueFactory = _ => "fashion-mnist" };
        var device = new Option<string>("--device") { Description = "cpu, reference, cuda:0, opencl:0 or emulated", DefaultValueFactory = _ => "cpu" };
        var epochs = Positive("--epochs", "Times to go through the training images", 10);
        var batch = Positive("--batch", "Images in a training step", 32);
        var limit = Positive("--limit", "Use only so many training and so many test images; all unless given");
        var seed = new Option<ulong>("--seed") { Description = "Draws the first weights and the order of the images", DefaultValueFactory = _ => 1 };
        var threads = Positive("--threads", "Threads of the cpu; one for each core unless given");
        var rate = new Option<double>("--learning-rate") { Description = "Adam's step", DefaultValueFactory = _ => 1e-3 };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "A folder: saves there every 200 steps, and goes on from what it finds" };
        var augment = new Option<bool>("--augment") { Description = "Move each training image a little at random, and mirror clothes" };
        var workers = AtLeast(0, "--workers", "Threads that make batches ahead");
        var folder = new Option<string?>("--out") { Description = "The folder for the log and the pictures; a new one below runs unless given" };
        var json = new Option<bool>("--json") { Description = "End with a line of JSON" };
        var command = new Command("cnn", "Trains a convolutional network on images of clothes or digits")
        {
            data, device, epochs, batch, limit, seed, threads, rate, checkpoints, augment, workers, folder, json,
        };
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            using var where = GpuDevice.Open(result.GetValue(device)!, result.GetValue(threads));
            var images = await ImageSource.Find(result.GetValue(data)!, cancel);
            if (result.GetValue(limit) is > 0 and int most) images = images.Take(most);
            var settings = new Settings(result.GetValue(epochs), result.GetValue(batch), result.GetValue(seed), result.GetValue(rate), result.GetValue(checkpoints),
                result.GetValue(augment), result.GetValue(workers), OutputFolder.Make(result.GetValue(folder), "cnn"));
            var report = Run(images, where, settings, cancel);
            Show.Classes(report.Predicted, images);
            if (result.GetValue(json)) Show.Json(report, where, images.Name, settings.Seed);
            return 0;
        }, cancel));
        return command;
    }

    private static Option<int> Positive(string name, string description, int otherwise = 0) => AtLeast(1, name, description, otherwise);

    private static Option<int> AtLeast(int least, string name, string description, int otherwise = 0)
    {
        var option = new Option<int>(name) { Description = description };
        if (otherwise > 0) option.DefaultValueFactory = _ => otherwise;
        option.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => int.TryParse(token.Value, out int number) && number < least)) found.AddError($"{name} must be {least} or more.");
        });
        return option;
    }

    private static CnnReport Run(ImageSource images, Device device, Settings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = CnnModel.Build(rng).To(device);
        var trainer = new Trainer(model, CnnModel.Optimizer(model, settings.LearningRate), Loss.CrossEntropy, new Accuracy());
        var train = CnnBatches.Of(images, settings.Batch, settings.Seed, settings.Augment, settings.Workers);
        var test = new DataLoader<LabelledImage>(images.Test, new ImageCollator(), TestBatch);
        var checkpoints = settings.Checkpoints is { } folder ? new Checkpoints(folder) { EverySteps = 200 } : null;
        var report = new CnnReport();
        Show.Start(model, images, device);
        Show.Log(settings.Out);
        Show.Progress(train.BatchCount!.Value * settings.Epochs, step
            => report.Epochs = trainer.Fit(train, test, settings.Epochs, rng, [new Told(report, step), new RunFolder(settings.Out)], checkpoints, cancel: cancel));
        report.Predicted = Predict(model, images.Test, device, cancel);
        Show.Files(settings.Out, CnnPictures.Write(settings.Out, model, report, images));
        return report;
    }

    /// <summary>Images in a batch of the test, where no gradients take room.</summary>
    private const int TestBatch = 500;

    /// <summary>Notes each loss, and prints each epoch.</summary>
    private sealed class Told(CnnReport report, Action<string> step) : Callback
    {
        public override void AfterStep(TrainingRun run, TrainingProgress progress)
        {
            if (report.Losses.Count == 0) report.FirstStep = progress.Step;
            report.Losses.Add(progress.Loss);
            step($"epoch {progress.Epoch + 1} of {progress.Epochs}, loss {progress.Loss:0.000}");
        }

        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => Show.Epoch(epoch);
    }

    /// <summary>The likeliest class of each image.</summary>
    public static int[] Predict(Layer model, LabelledImages images, Device device, CancellationToken cancel)
    {
        var classes = new List<int>();
        foreach (int[] indices in Enumerable.Range(0, images.Count).Chunk(TestBatch))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = device.Scope("the prediction");
            classes.AddRange(model.Predict(images.Batch(indices, device).Images).ArgMax(1).ToArray<int>());
        }
        return [.. classes];
    }
}
