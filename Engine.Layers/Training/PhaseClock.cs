using System.Diagnostics;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What a run of training spends its time on.</summary>
public enum TrainingPhase
{
    /// <summary>What is none of the others.</summary>
    Other,

    /// <summary>Waiting for a batch: reading it, and bringing it to the device.</summary>
    Data,

    /// <summary>The model's and the loss' forward pass.</summary>
    Forward,

    /// <summary>The backward pass, and reading the loss.</summary>
    Backward,

    /// <summary>Clipping and the optimizer's step.</summary>
    Optimizer,

    /// <summary>Counting the training metrics.</summary>
    Metrics,

    /// <summary>Callbacks and progress reports.</summary>
    Callbacks,

    /// <summary>Testing the model after an epoch.</summary>
    Validation,

    /// <summary>Writing checkpoints.</summary>
    Checkpoint,
}

/// <summary>Adds up the time spent in each phase: at each moment in one.</summary>
internal sealed class PhaseClock(Device device)
{
    private readonly long[] ticks = new long[Enum.GetValues<TrainingPhase>().Length];
    private TrainingPhase current;
    private long since = Stopwatch.GetTimestamp();

    /// <summary>Whether to wait for the device at the end of each phase.</summary>
    public bool Exact { get; set; }

    public TimeSpan this[TrainingPhase phase] => Stopwatch.GetElapsedTime(0, ticks[(int)phase] + (phase == current ? Stopwatch.GetTimestamp() - since : 0));

    /// <summary>Ends the phase under way and begins another.</summary>
    public void Enter(TrainingPhase phase)
    {
        if (Exact) device.Synchronize();
        long now = Stopwatch.GetTimestamp();
        ticks[(int)current] += now - since;
        (current, since) = (phase, now);
    }
}
