using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- cnn</c>: the article's network, trained on images in ten classes.</summary>
internal static class Cnn
{
    public static Command Command()
    {
        var options = new RunOptions(epochs: 10, batch: 32, learningRate: 1e-3);
        var data = new Option<string>("--data") { Description = "fashion-mnist, mnist, or a folder with the four IDX files", DefaultValueFactory = _ => "fashion-mnist" };
        var augment = new Option<bool>("--augment") { Description = "Move each training image a little at random, and mirror clothes" };
        var workers = RunOptions.Number("--workers", "Threads that make batches ahead", least: 0);
        var command = options.AddTo(new Command("cnn", "Trains a convolutional network on images of clothes or digits") { data, augment, workers });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result);
            using var device = settings.Open();
            var images = (await ImageSource.Find(result.GetValue(data)!, cancel)).Take(settings.Limit);
            var train = CnnBatches.Of(images, settings.Batch, settings.Seed, result.GetValue(augment), result.GetValue(workers));
            Run(images, train, device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(ImageSource images, IBatches train, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = CnnModel.Build(rng).To(device);
        var trainer = new Trainer(model, CnnModel.Optimizer(model, settings.LearningRate), Loss.CrossEntropy, new Accuracy());
        var test = new DataLoader<LabelledImage>(images.Test, new ImageCollator(), TestBatch);
        Show.Start(model, images, device);
        var report = settings.Train(trainer, train, test, rng, cancel);
        int[] predicted = Predict(model, images.Test, device, cancel);
        Show.Files(settings.Out, CnnPictures.Write(settings.Out, model, predicted, images));
        Show.Classes(predicted, images);
        if (settings.Json) Show.Json(report, device, settings.Seed, images.Name, ("test_accuracy", report.Test()));
    }

    /// <summary>Images in a batch of the test, where no gradients take room.</summary>
    private const int TestBatch = 500;

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
