namespace Engine.Layers;

/// <summary>Sets the optimizer's learning rate by a <see cref="Schedule"/>: the rate that it was made with, times the factor. Groups with rates of their own
/// change in the same measure. Give it alone: two of them would overwrite each other.</summary>
/// <param name="schedule">The factors.</param>
/// <param name="byEpoch">Whether the schedule counts epochs; else it counts the optimizer's steps of this run.</param>
public sealed class LearningRateSchedule(Schedule schedule, bool byEpoch = false) : Callback
{
    private readonly Schedule schedule = schedule ?? throw new ArgumentNullException(nameof(schedule));
    private double rate = double.NaN;                               // NaN until a run begins or a checkpoint was read
    private int before;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double> { ["rate"] = rate, ["steps_before"] = before };
        set => (rate, before) = (value["rate"], (int)value["steps_before"]);
    }

    /// <inheritdoc/>
    public override void Prepare(Layer model) => rate = double.NaN;

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        var optimizer = run.Trainer.Optimizer;
        if (double.IsNaN(rate)) (rate, before) = (optimizer.FirstLearningRate, optimizer.StepCount);
        Set(run, run.Epoch);
    }

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (!byEpoch) Set(run, run.Epoch);
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch) => Set(run, epoch.Epoch + 1);

    private void Set(TrainingRun run, int epoch)
    {
        var optimizer = run.Trainer.Optimizer;
        optimizer.LearningRate = rate * schedule.At(byEpoch ? epoch : optimizer.StepCount - before);
    }
}
