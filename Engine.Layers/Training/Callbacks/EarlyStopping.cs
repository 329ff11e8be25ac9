using Engine.Core;

namespace Engine.Layers;

/// <summary>Ends training when a figure has not become better for some epochs.</summary>
public sealed class EarlyStopping : Callback
{
    private readonly Monitor monitor;
    private readonly string name;
    private readonly int patience;
    private readonly bool restoreBest;
    private Buffer[] best = [];
    private int waited;

    /// <summary>Watches a figure.</summary>
    /// <param name="monitor">"val_loss", "val_accuracy", "loss" or another of <see cref="EpochResult.Figures"/>.</param>
    /// <param name="patience">Epochs without a better one that are borne.</param>
    /// <param name="minDelta">How much better counts as better.</param>
    /// <param name="higherIsBetter">As the metric of that name has it, unless given.</param>
    /// <param name="restoreBest">Whether the model ends with its best epoch's weights instead of its last one's.</param>
    public EarlyStopping(string monitor = "val_loss", int patience = 3, double minDelta = 0, bool? higherIsBetter = null, bool restoreBest = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        this.monitor = new Monitor(monitor, higherIsBetter, minDelta);
        (name, this.patience, this.restoreBest) = (monitor, patience, restoreBest);
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double> { ["best"] = monitor.Best, ["waited"] = waited };
        set => (monitor.Best, waited) = (value["best"], (int)value["waited"]);
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Buffer>> Tensors => best.Select(b => KeyValuePair.Create(b.Name, b));

    /// <inheritdoc/>
    public override void Prepare(Layer model)
    {
        (monitor.Best, waited) = (double.NaN, 0);
        if (restoreBest) best = [.. model.State().Select(s => new Buffer(s.Key, s.Value.Value.Clone()))];
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        if (waited > patience) Stop(run);                           // a run that had stopped, begun again
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        if (monitor.Improves(run, epoch))
        {
            waited = 0;
            if (restoreBest) Copy(from: run.Trainer.Model.State().Select(s => s.Value), to: best);
        }
        else if (++waited > patience) Stop(run);
    }

    /// <inheritdoc/>
    public override void End(TrainingRun run)
    {
        if (restoreBest && !double.IsNaN(monitor.Best)) Copy(from: best, to: run.Trainer.Model.State().Select(s => s.Value));
    }

    private void Stop(TrainingRun run) => run.Stop($"{name} has not been better than {monitor.Best:G4} for {waited} epochs");

    private static void Copy(IEnumerable<Buffer> from, IEnumerable<Buffer> to)
    {
        foreach (var (source, target) in from.Zip(to)) target.CopyFrom(source.Value);
    }
}
