namespace Engine.Layers;

/// <summary>Something to do at fixed moments of <see cref="Trainer.Fit"/>: log, stop early, change the learning rate. An exception of it ends
/// training as a <see cref="CallbackException"/>.</summary>
public abstract class Callback
{
    /// <summary>Before all else: makes the tensors that a checkpoint may restore.</summary>
    public virtual void Prepare(Layer model) { }

    /// <summary>Before the first step, after a checkpoint was restored.</summary>
    public virtual void Begin(TrainingRun run) { }

    /// <summary>After each step.</summary>
    public virtual void AfterStep(TrainingRun run, TrainingProgress progress) { }

    /// <summary>After each epoch and its validation.</summary>
    public virtual void AfterEpoch(TrainingRun run, EpochResult epoch) { }

    /// <summary>At the end, whether the last epoch was reached or training was stopped, cancelled or failed.</summary>
    public virtual void End(TrainingRun run) { }

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
