using Engine.Core;

namespace Engine.Layers;

/// <summary>A run of <see cref="Trainer"/> as its callbacks see it.</summary>
public sealed class TrainingRun
{
    internal TrainingRun(Trainer trainer, IBatches data, int epochs, Rng rng) => (Trainer, Data, Epochs, Rng, Clock) = (trainer, data, epochs, rng, new PhaseClock(trainer.Device));

    /// <summary>What trains.</summary>
    public Trainer Trainer { get; }

    /// <summary>The training data.</summary>
    public IBatches Data { get; }

    /// <summary>How many epochs there will be.</summary>
    public int Epochs { get; }

    /// <summary>The random numbers of the passes.</summary>
    public Rng Rng { get; }

    /// <summary>The epoch under way, or next, from 0 on.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Batches done in it.</summary>
    public int Batch { get; internal set; }

    /// <summary>Steps taken since the beginning.</summary>
    public long Step { get; internal set; }

    /// <summary>The epochs done.</summary>
    public History History { get; } = new();

    /// <summary>Time spent in a phase since this part of the run began. On a GPU a phase may end before its kernels do, and a later one waits for them,
    /// unless a callback <see cref="Callback.NeedsExactTimes"/>.</summary>
    public TimeSpan TimeIn(TrainingPhase phase) => Clock[phase];

    internal PhaseClock Clock { get; }

    /// <summary>Sums over the epoch so far: of the loss by examples, of the examples, and of the seconds.</summary>
    internal double LossSum, Seconds;

    internal long Examples;

    /// <summary>What the last step's batch was like.</summary>
    internal (Shape Shape, Kernels.DType DType) LastInput;

    /// <summary>Ends training after the step or epoch under way.</summary>
    /// <param name="reason">For <see cref="History.StoppedBecause"/>.</param>
    public void Stop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        History.StoppedBecause ??= reason;
    }

    /// <summary>Whether training came to its end, or was stopped, and nothing failed.</summary>
    internal bool Ended { get; set; }

    internal bool Stopping => History.StoppedBecause is not null;
}
