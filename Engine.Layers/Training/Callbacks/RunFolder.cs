namespace Engine.Layers;

/// <summary>Keeps a folder in which a run can be watched while it goes on: <c>log.jsonl</c>, the lines of <see cref="JsonLinesLog"/>; <c>model.json</c>,
/// the model's layers; and the curves of <see cref="TensorBoardLog"/>.</summary>
/// <remarks>model.json is an object for the model: "name" (empty for the outermost), "path", "kind", "settings" (in words), "output_shape" (an array, the
/// batch first; null where not known), "parameters", "trainable", "bytes" (of parameters and buffers), "flops" (of a forward pass over one batch),
/// "repeat" (whether it is a layer that came before) and "children", an array of such objects. It is written before the first step without
/// output_shape and flops (null, 0), and again with them after it, each time whole.</remarks>
public sealed class RunFolder : Callback
{
    private readonly string folder;
    private readonly Callback[] logs;
    private bool described;

    /// <summary>Writes into a folder, which is made if it is not there.</summary>
    /// <param name="folder">One for each run. May be that of the run's checkpoints.</param>
    /// <param name="everySteps">Steps from one line to the next; 0 for none of steps.</param>
    /// <param name="atMostEvery">Steps that come sooner after a line than this have none; a fifth of a second unless given.</param>
    /// <param name="tensorBoard">Whether to write curves for TensorBoard too.</param>
    public RunFolder(string folder, int everySteps = 1, TimeSpan? atMostEvery = null, bool tensorBoard = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = folder;
        logs = [new JsonLinesLog(Path.Combine(folder, LogName), everySteps, atMostEvery ?? TimeSpan.FromSeconds(0.2)),
            .. tensorBoard ? new Callback[] { new TensorBoardLog(folder, Math.Max(everySteps, 10)) } : []];
    }

    /// <summary>"log.jsonl".</summary>
    public const string LogName = "log.jsonl";

    /// <summary>"model.json".</summary>
    public const string ModelName = "model.json";

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        Directory.CreateDirectory(folder);
        described = false;
        SummaryFile.Write(Path.Combine(folder, ModelName), ModelSummary.Of(run.Trainer.Model));
        foreach (var log in logs) log.Begin(run);
    }

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (!described && run.Trainer.OwnCompute is null)       // which alone knows what the model is given
        {
            described = true;
            var (shape, dtype) = run.LastInput;
            SummaryFile.Write(Path.Combine(folder, ModelName), run.Trainer.Model.Summary(shape, dtype));
        }
        foreach (var log in logs) log.AfterStep(run, progress);
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        foreach (var log in logs) log.AfterEpoch(run, epoch);
    }

    /// <inheritdoc/>
    public override void End(TrainingRun run) => End(run, logs);

    /// <summary>Each log's file is closed, whatever another one throws.</summary>
    private static void End(TrainingRun run, ReadOnlySpan<Callback> logs)
    {
        if (logs.IsEmpty) return;
        try
        {
            logs[0].End(run);
        }
        finally
        {
            End(run, logs[1..]);
        }
    }
}
