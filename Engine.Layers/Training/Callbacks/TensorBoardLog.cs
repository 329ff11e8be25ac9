namespace Engine.Layers;

/// <summary>Writes curves that TensorBoard shows: <c>tensorboard --logdir FOLDER</c>. Losses of steps go under "step/", figures of epochs under
/// "epoch/".</summary>
public sealed class TensorBoardLog : Callback
{
    private readonly string folder;
    private readonly int everySteps;
    private EventFile? file;

    /// <summary>Writes to a new file in a folder, which is made if it is not there.</summary>
    /// <param name="folder">One for each run.</param>
    /// <param name="everySteps">Steps from one point of the loss' curve to the next; 0 for figures of epochs alone.</param>
    public TensorBoardLog(string folder, int everySteps = 10)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegative(everySteps);
        (this.folder, this.everySteps) = (folder, everySteps);
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        Directory.CreateDirectory(folder);
        file = EventFile.Create(folder);
        if (run.Step > 0) file.Restarted(run.Step + 1);
    }

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (everySteps == 0 || progress.Step % everySteps != 0) return;
        file!.Scalars(progress.Step, [new("step/loss", progress.Loss), new("step/learning_rate", run.Trainer.Optimizer.LearningRate),
            new("step/examples_per_second", progress.ExamplesPerSecond)]);
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
        => file!.Scalars(epoch.Step, epoch.Figures().Select(f => KeyValuePair.Create($"epoch/{f.Key}", f.Value)));

    /// <inheritdoc/>
    public override void End(TrainingRun run) => file?.Dispose();
}
