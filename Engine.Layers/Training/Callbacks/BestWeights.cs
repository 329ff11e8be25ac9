namespace Engine.Layers;

/// <summary>Saves the model's weights to a file after each epoch that is better than all before it.</summary>
public sealed class BestWeights : Callback
{
    private readonly Monitor monitor;
    private readonly string path;

    /// <summary>Watches a figure.</summary>
    /// <param name="path">A safetensors file, written whole or not at all.</param>
    /// <param name="monitor">"val_loss", "val_accuracy", "loss" or another of <see cref="EpochResult.Figures"/>.</param>
    /// <param name="minDelta">How much better counts as better.</param>
    /// <param name="higherIsBetter">As the metric of that name has it, unless given.</param>
    public BestWeights(string path, string monitor = "val_loss", double minDelta = 0, bool? higherIsBetter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (this.path, this.monitor) = (path, new Monitor(monitor, higherIsBetter, minDelta));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double> { ["best"] = monitor.Best };
        set => monitor.Best = value["best"];
    }

    /// <inheritdoc/>
    public override void Prepare(Layer model) => monitor.Best = double.NaN;

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        if (monitor.Improves(run, epoch)) run.Trainer.Model.SaveWeights(path);
    }
}
