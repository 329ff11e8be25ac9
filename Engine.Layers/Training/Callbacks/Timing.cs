using System.Globalization;

namespace Engine.Layers;

/// <summary>Tells what time training takes, phase by phase, and how much longer it will.</summary>
public sealed class Timing : Callback
{
    private static readonly TrainingPhase[] Phases = Enum.GetValues<TrainingPhase>();

    private readonly IProgress<EpochTiming>? progress;
    private readonly List<EpochTiming> epochs = [];
    private TimeSpan[] start = [], first = [];
    private long firstStep;

    /// <summary>Keeps the times of each epoch of this part of a run.</summary>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="exact">Whether a GPU waits at the end of each phase, so that each has its own time: slower. On the CPU they are exact anyway.</param>
    public Timing(IProgress<EpochTiming>? progress = null, bool exact = false) => (this.progress, NeedsExactTimes) = (progress, exact);

    /// <inheritdoc/>
    public override bool NeedsExactTimes { get; }

    /// <summary>The epochs done since the run began, or went on from a checkpoint.</summary>
    public IReadOnlyList<EpochTiming> Epochs => epochs;

    /// <summary>An estimate of the time to the end of the last epoch, by the steps, validations and checkpoints so far; null before the first step, and
    /// for a stream before its first epoch is done.</summary>
    public TimeSpan? Remaining { get; private set; }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        epochs.Clear();
        (start, first, firstStep, Remaining) = (Read(run), Read(run), run.Step, null);
    }

    /// <inheritdoc/>
    public override void BeforeEpoch(TrainingRun run) => start = Read(run);

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress) => Remaining = Estimate(run);

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        Remaining = Estimate(run);
        var now = Read(run);
        epochs.Add(new EpochTiming(epoch.Epoch, [.. now.Zip(start, (to, from) => to - from)], Remaining ?? TimeSpan.Zero));
        start = now;
        progress?.Report(epochs[^1]);
    }

    private TimeSpan? Estimate(TrainingRun run)
    {
        int? batches = run.Data.BatchCount ?? (run.History.Count > 0 ? (int)(run.History[^1].Step / run.History.Count) : null);
        if (batches is not { } known || run.Step == firstStep) return null;
        var spent = Read(run).Zip(first, (to, from) => to - from).ToArray();
        var validation = spent[(int)TrainingPhase.Validation];
        var step = (spent.Aggregate((a, b) => a + b) - validation) / (run.Step - firstStep);
        int left = run.Epochs - run.Epoch;
        return step * ((long)left * known - run.Batch) + (epochs.Count == 0 ? validation : validation / epochs.Count) * left;
    }

    private static TimeSpan[] Read(TrainingRun run) => Array.ConvertAll(Phases, run.TimeIn);
}

/// <summary>What an epoch's time went to.</summary>
public sealed class EpochTiming
{
    private readonly TimeSpan[] phases;

    internal EpochTiming(int epoch, TimeSpan[] phases, TimeSpan remaining) => (Epoch, this.phases, Remaining) = (epoch, phases, remaining);

    /// <summary>Which, from 0 on.</summary>
    public int Epoch { get; }

    /// <summary>Time of a phase.</summary>
    public TimeSpan this[TrainingPhase phase] => phases[(int)phase];

    /// <summary>All phases together.</summary>
    public TimeSpan Total => phases.Aggregate((a, b) => a + b);

    /// <summary>The estimate at its end of the time to the last epoch's end.</summary>
    public TimeSpan Remaining { get; }

    /// <summary>"epoch 3: 12.4 s (Forward 31 %, Backward 52 %, Data 9 %, ...), 1:52 to go", the longest phase first.</summary>
    public override string ToString()
    {
        var total = Total;
        var shares = Enum.GetValues<TrainingPhase>().OrderByDescending(p => this[p]).Where(p => this[p] * 100 >= total)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p} {this[p] / total * 100:F0} %"));
        return string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch + 1}: {total.TotalSeconds:F1} s ({string.Join(", ", shares)}), {(int)Remaining.TotalMinutes}:{Remaining.Seconds:D2} to go");
    }
}
