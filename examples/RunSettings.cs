using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>How an example trains.</summary>
/// <param name="Command">Its name.</param>
/// <param name="DeviceName">As <see cref="GpuDevice.Open"/> takes it.</param>
/// <param name="Threads">Of the cpu; 0 for one for each core.</param>
/// <param name="Limit">The most training and the most test examples.</param>
/// <param name="Epochs">Times to go through the training examples.</param>
/// <param name="Batch">Examples of a step.</param>
/// <param name="Seed">Of all that is random.</param>
/// <param name="LearningRate">The optimizer's step.</param>
/// <param name="Checkpoints">Where to save, or null.</param>
/// <param name="Folder">Where the log and the pictures go, or null for a new folder.</param>
/// <param name="Json">Whether to end with a line of JSON.</param>
internal sealed record RunSettings(string Command, string DeviceName, int Threads, int Limit, int Epochs, int Batch, ulong Seed, double LearningRate,
    string? Checkpoints, string? Folder, bool Json)
{
    /// <summary>The device, which whoever asks disposes of.</summary>
    public Device Open() => GpuDevice.Open(DeviceName, Threads);

    /// <summary>Where the log and the pictures go, made at the first time of asking.</summary>
    public string Out => made ??= OutputFolder.Make(Folder, Command);

    private string? made;

    /// <summary>What the data are called that it is tested with after each epoch.</summary>
    public string Validation { get; init; } = "test";

    /// <summary>What the loss is called in the picture of the curves.</summary>
    public string LossName { get; init; } = "cross-entropy";

    /// <summary>What the trainer's first metric counts, in that picture.</summary>
    public string Unit { get; init; } = "share of right answers";

    /// <summary>Trains with a bar on a terminal, a line an epoch, the log that <c>examples -- watch</c> shows, and a picture of the curves in the end.</summary>
    /// <param name="trainer">The model, its optimizer and its loss.</param>
    /// <param name="train">What it learns from.</param>
    /// <param name="test">What it is tested with after each epoch.</param>
    /// <param name="rng">Draws what a pass draws.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="callbacks">Called before those of this.</param>
    public TrainingReport Train(Trainer trainer, IBatches train, IBatches? test, Rng rng, CancellationToken cancel, params IReadOnlyList<Callback> callbacks)
    {
        var checkpoints = Checkpoints is { } folder ? new Checkpoints(folder) { EverySteps = 200 } : null;
        var report = new TrainingReport();
        Show.Log(Out);
        Show.Progress(train.BatchCount is { } batches ? batches * Epochs : null, step
            => report.Epochs = trainer.Fit(train, test, Epochs, rng, [.. callbacks, new Told(report, Validation, step), new RunFolder(Out)], checkpoints, cancel: cancel));
        CurvesPicture.Save(Path.Combine(Out, "curves.png"), report, LossName, Unit);
        Show.Files(Out, ["curves.png"]);
        return report;
    }

    /// <summary>Notes each loss, and prints each epoch.</summary>
    private sealed class Told(TrainingReport report, string validation, Action<string> step) : Callback
    {
        public override void AfterStep(TrainingRun run, TrainingProgress progress)
        {
            if (report.Losses.Count == 0) report.FirstStep = progress.Step;
            report.Losses.Add(progress.Loss);
            step($"epoch {progress.Epoch + 1} of {progress.Epochs}, loss {progress.Loss:0.000}");
        }

        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => Show.Epoch(epoch, validation);
    }
}
