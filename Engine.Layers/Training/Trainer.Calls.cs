using Engine.Core;

namespace Engine.Layers;

public sealed partial class Trainer
{
    /// <summary>The callbacks of a run; what one throws goes on under its name.</summary>
    private sealed class Calls(TrainingRun run, IReadOnlyList<Callback> all)
    {
        private int begun;

        public IReadOnlyList<Callback> All => all;

        /// <summary>Told of the ops of each step.</summary>
        public IOpWatcher? OpWatcher
        {
            get
            {
                foreach (var callback in all)
                    if (callback.OpWatcher is { } watcher) return watcher;
                return null;
            }
        }

        public void Prepare() => Each("before training", callback => callback.Prepare(run.Trainer.Model));

        public void Begin() => Each("before the first step", callback =>
        {
            begun++;
            callback.Begin(run);
        });

        public void BeforeEpoch() => Each($"before epoch {run.Epoch + 1}", callback => callback.BeforeEpoch(run));

        public void BeforeStep()
        {
            if (all.Count > 0) Each($"before step {run.Step + 1}", callback => callback.BeforeStep(run));
        }

        public void AfterStep(TrainingProgress progress)
        {
            if (all.Count > 0) Each($"after step {progress.Step}", callback => callback.AfterStep(run, progress));
        }

        public void BeforeValidation() => Each($"before the validation of epoch {run.Epoch + 1}", callback => callback.BeforeValidation(run));

        public void AfterValidation(Evaluation validation) => Each($"after the validation of epoch {run.Epoch + 1}", callback => callback.AfterValidation(run, validation));

        public void AfterEpoch(EpochResult epoch) => Each($"after epoch {epoch.Epoch + 1}", callback => callback.AfterEpoch(run, epoch));

        public void BeforeCheckpoint() => Each($"before the checkpoint of step {run.Step}", callback => callback.BeforeCheckpoint(run));

        public void AfterCheckpoint(string path) => Each($"after the checkpoint of step {run.Step}", callback => callback.AfterCheckpoint(run, path));

        /// <summary>Each that was begun is called, whatever another one throws: files are closed there. Where training failed already, its error goes
        /// on, not theirs.</summary>
        public void End(bool mayThrow)
        {
            CallbackException? first = null;
            foreach (var callback in all.Take(begun))
            {
                try
                {
                    callback.End(run);
                }
                catch (Exception e)
                {
                    first ??= new CallbackException(callback, "at the end", e);
                }
            }
            if (mayThrow && first is not null) throw first;
        }

        private void Each(string moment, Action<Callback> call)
        {
            run.Clock.Enter(TrainingPhase.Callbacks);
            foreach (var callback in all)
            {
                try
                {
                    call(callback);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    throw new CallbackException(callback, moment, e);
                }
            }
            run.Clock.Enter(TrainingPhase.Other);
        }
    }
}
