using Engine.Core;

namespace Engine.Layers;

/// <summary>Something to do at fixed moments of <see cref="Trainer"/>: log, stop early, change the learning rate. An exception of it ends
/// training as a <see cref="CallbackException"/>.</summary>
public abstract class Callback
{
    /// <summary>Before all else: makes the tensors that a checkpoint may restore.</summary>
    public virtual void Prepare(Layer model) { }

    /// <summary>Before the first step, after a checkpoint was restored.</summary>
    public virtual void Begin(TrainingRun run) { }

    /// <summary>Before each epoch, and before the rest of one that goes on from a checkpoint.</summary>
    public virtual void BeforeEpoch(TrainingRun run) { }

    /// <summary>Before each step, and before its batch is waited for; also where there turns out to be no batch left.</summary>
    public virtual void BeforeStep(TrainingRun run) { }

    /// <summary>After each step.</summary>
    public virtual void AfterStep(TrainingRun run, TrainingProgress progress) { }

    /// <summary>Before the model is tested after an epoch; not called where there are no validation data.</summary>
    public virtual void BeforeValidation(TrainingRun run) { }

    /// <summary>After that.</summary>
    public virtual void AfterValidation(TrainingRun run, Evaluation validation) { }

    /// <summary>Before a checkpoint is written.</summary>
    public virtual void BeforeCheckpoint(TrainingRun run) { }

    /// <summary>After a checkpoint was written.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The checkpoint's folder.</param>
    public virtual void AfterCheckpoint(TrainingRun run, string path) { }

    /// <summary>After each epoch and its validation.</summary>
    public virtual void AfterEpoch(TrainingRun run, EpochResult epoch) { }

    /// <summary>At the end, whether the last epoch was reached or training was stopped, cancelled or failed.</summary>
    public virtual void End(TrainingRun run) { }

    /// <summary>Whether <see cref="TrainingRun.TimeIn"/> must be exact on a GPU too, which then waits at the end of each phase and each op: slower.</summary>
    public virtual bool NeedsExactTimes => false;

    /// <summary>Told of each op of the steps; null for none.</summary>
    internal virtual IOpWatcher? OpWatcher => null;

    /// <summary>Numbers that a checkpoint saves and restores.</summary>
    public virtual IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double>();
        set { }
    }

    /// <summary>Tensors that a checkpoint saves and restores, by names of the callback's own.</summary>
    public virtual IEnumerable<KeyValuePair<string, Buffer>> Tensors => [];
}

/// <summary>A callback failed, and training ended with it.</summary>
public sealed class CallbackException(Callback callback, string moment, Exception cause)
    : Exception($"The callback {callback.GetType().Name} failed {moment}: {cause.Message} Training has stopped there; the last checkpoint is as it was.", cause)
{
    /// <summary>Which one.</summary>
    public Callback Callback { get; } = callback;
}
