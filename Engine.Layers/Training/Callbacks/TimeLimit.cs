using System.Diagnostics;

namespace Engine.Layers;

/// <summary>Stops training after the step during which a time was up. A run that goes on from a checkpoint has all the time again.</summary>
public sealed class TimeLimit : Callback
{
    private readonly TimeSpan limit;
    private long began;

    /// <summary>A limit.</summary>
    /// <param name="limit">Over 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeLimit(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        this.limit = limit;
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run) => began = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (Stopwatch.GetElapsedTime(began) >= limit) run.Stop($"the time limit of {limit} was up");
    }
}
