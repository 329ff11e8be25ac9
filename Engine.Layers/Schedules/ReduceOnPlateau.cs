namespace Engine.Layers;

/// <summary>Lowers the optimizer's learning rate when a figure has not become better for some epochs.</summary>
/// <remarks>The counting is PyTorch's ReduceLROnPlateau's, with a threshold in the figure's own units.</remarks>
public sealed class ReduceOnPlateau : Callback
{
    private readonly Monitor monitor;
    private readonly double factor, minRate;
    private readonly int patience, cooldown;
    private int waited, resting;

    /// <summary>Watches a figure.</summary>
    /// <param name="monitor">"val_loss", "val_accuracy", "loss" or another of <see cref="EpochResult.Figures"/>.</param>
    /// <param name="factor">What the rate is multiplied with, in (0, 1).</param>
    /// <param name="patience">Epochs without a better one that are borne.</param>
    /// <param name="minDelta">How much better counts as better.</param>
    /// <param name="cooldown">Epochs after a change that are not counted.</param>
    /// <param name="minRate">The rate goes no lower.</param>
    /// <param name="higherIsBetter">As the metric of that name has it, unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public ReduceOnPlateau(string monitor = "val_loss", double factor = 0.1, int patience = 10, double minDelta = 1e-4, int cooldown = 0, double minRate = 0, bool? higherIsBetter = null)
    {
        if (!(factor > 0 && factor < 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "It is in (0, 1).");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        if (!(minRate >= 0 && double.IsFinite(minRate))) throw new ArgumentOutOfRangeException(nameof(minRate), minRate, "It is 0 or more, and finite.");
        this.monitor = new Monitor(monitor, higherIsBetter, minDelta);
        (this.factor, this.patience, this.cooldown, this.minRate) = (factor, patience, cooldown, minRate);
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double> { ["best"] = monitor.Best, ["waited"] = waited, ["resting"] = resting };
        set => (monitor.Best, waited, resting) = (value["best"], (int)value["waited"], (int)value["resting"]);
    }

    /// <inheritdoc/>
    public override void Prepare(Layer model) => (monitor.Best, waited, resting) = (double.NaN, 0, 0);

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        if (monitor.Improves(run, epoch)) waited = 0;
        else waited++;
        if (resting > 0) (resting, waited) = (resting - 1, 0);
        if (waited <= patience) return;
        var optimizer = run.Trainer.Optimizer;
        optimizer.LearningRate = Math.Min(optimizer.LearningRate, Math.Max(optimizer.LearningRate * factor, minRate));
        (waited, resting) = (0, cooldown);
    }
}
