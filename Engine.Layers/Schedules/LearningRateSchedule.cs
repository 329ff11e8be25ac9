using System.Diagnostics;

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
    private (long Steps, TimeSpan Time)? within;
    private long began;

    /// <summary>Goes through a schedule in some steps or in a time, by whichever of the two is further on: a run that a <see cref="TimeLimit"/> may end before its
    /// steps are done then ends where the schedule does.</summary>
    /// <param name="schedule">The factors, by step.</param>
    /// <param name="steps">The optimizer's steps after which the schedule is through.</param>
    /// <param name="time">The time likewise, from where <c>Fit</c> begins.</param>
    /// <exception cref="ArgumentOutOfRangeException">Steps or time are not over 0.</exception>
    /// <remarks>Rates then depend on the clock, so two such runs differ where it was ahead. A run that goes on from a checkpoint has all the time again, as a
    /// TimeLimit gives it: its rate may rise once more.</remarks>
    public static LearningRateSchedule Within(Schedule schedule, long steps, TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return new LearningRateSchedule(schedule) { within = (steps, time) };
    }

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
        began = Stopwatch.GetTimestamp();
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
        long at = byEpoch ? epoch : optimizer.StepCount - before;
        if (within is var (steps, time)) at = Math.Max(at, (long)(Math.Min(1, Stopwatch.GetElapsedTime(began) / time) * steps));
        optimizer.LearningRate = rate * schedule.At(at);
    }
}
