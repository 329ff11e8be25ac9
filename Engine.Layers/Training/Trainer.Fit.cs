using System.Diagnostics;
using Engine.Core;

namespace Engine.Layers;

public sealed partial class Trainer
{
    /// <summary>Trains the model.</summary>
    /// <param name="train">What it learns from.</param>
    /// <param name="validation">What it is tested with after each epoch; nothing if left out.</param>
    /// <param name="epochs">How often to go through the training data.</param>
    /// <param name="rng">Draws what dropout drops, and all that a pass draws; a stream of seed 0 unless given.</param>
    /// <param name="callbacks">Called in their order.</param>
    /// <param name="checkpoints">Where to save, and how often. Where its folder holds a checkpoint, training goes on from there, to the same bits
    /// as if it had never stopped.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Ends training between two steps; the last checkpoint stays as it is.</param>
    /// <returns>Each epoch's figures.</returns>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    /// <exception cref="CallbackException">A callback failed.</exception>
    /// <exception cref="CheckpointException">A checkpoint cannot be read, is of another run, or cannot be written.</exception>
    /// <exception cref="WeightsException">A checkpoint is of another model.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">There are no batches.</exception>
    public History Fit(IBatches train, IBatches? validation = null, int epochs = 1, Rng? rng = null, IReadOnlyList<Callback>? callbacks = null,
        Checkpoints? checkpoints = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        var run = new TrainingRun(this, train, epochs, rng ?? new Rng(0));
        var calls = new Calls(run, callbacks ?? []);
        calls.Prepare();
        checkpoints?.Restore(run, calls.All);
        Optimizer.ZeroGrad();
        calls.Begin();
        bool ended = false;
        try
        {
            while (run.Epoch < epochs && !run.Stopping)
            {
                if (!TrainEpoch(run, calls, checkpoints, progress, cancel)) break;
                var metrics = MetricValues();                       // before validation, which counts with the same ones
                var result = new EpochResult(run.Epoch, run.Step, run.LossSum / run.Examples, metrics, validation is null ? null : Evaluate(validation, cancel),
                    Optimizer.LearningRate, run.Seconds, run.Examples / run.Seconds);
                run.History.Add(result);
                (run.Epoch, run.Batch) = (run.Epoch + 1, 0);
                calls.AfterEpoch(result);
                checkpoints?.Save(run, calls.All);
            }
            ended = true;
        }
        finally
        {
            calls.End(mayThrow: ended);
        }
        return run.History;
    }

    /// <summary>Whether the epoch was gone through to its end.</summary>
    private bool TrainEpoch(TrainingRun run, Calls calls, Checkpoints? checkpoints, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        if (run.Batch == 0)
        {
            foreach (var metric in Metrics) metric.Reset();
            (run.LossSum, run.Examples, run.Seconds) = (0, 0, 0);
        }
        long last = Stopwatch.GetTimestamp();
        using var batches = run.Data.Epoch(run.Epoch, Device, run.Batch, cancel).GetEnumerator();
        while (true)
        {
            if (run.Stopping) return false;
            cancel.ThrowIfCancellationRequested();
            double loss;
            using (Device.Scope("the training step"))
            {
                if (!batches.MoveNext()) break;
                loss = TakeStep(run, batches.Current);
            }
            long now = Stopwatch.GetTimestamp();
            run.Seconds += Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
            var report = new TrainingProgress(run.Epoch, run.Epochs, run.Batch, run.Data.BatchCount, run.Step, loss, run.Examples / run.Seconds);
            calls.AfterStep(report);
            progress?.Report(report);
            if (checkpoints?.IsDue(run.Step) == true && run.Batch % Accumulate == 0) checkpoints.Save(run, calls.All);
        }
        if (run.Batch == 0) throw new ArgumentException("The training data gave no batches.");
        if (run.Batch % Accumulate != 0) Apply();                   // an epoch's last batches, fewer than the others
        return true;
    }

    private double TakeStep(TrainingRun run, Batch batch)
    {
        run.LastInput = (batch.Inputs.Shape, batch.Inputs.DType);
        var outputs = Model.Forward(batch.Inputs, Pass.Train(run.Rng));
        var loss = Loss(outputs, batch.Targets);
        (Accumulate == 1 ? loss : loss / Accumulate).Backward();
        double value = loss.FiniteItem((int)Math.Min(run.Step + 1, int.MaxValue));
        if ((run.Batch + 1) % Accumulate == 0) Apply();
        run.Batch++;
        run.Step++;
        run.LossSum += value * batch.Count;
        run.Examples += batch.Count;
        using var noGrad = NoGrad.Begin();
        foreach (var metric in Metrics) metric.Add(outputs, batch.Targets);
        return value;
    }

    private void Apply()
    {
        BeforeStep?.Invoke(Model.Parameters);
        Optimizer.Step();
        Optimizer.ZeroGrad();
    }

    /// <summary>The callbacks of a run; what one throws goes on under its name.</summary>
    private sealed class Calls(TrainingRun run, IReadOnlyList<Callback> all)
    {
        public IReadOnlyList<Callback> All => all;

        public void Prepare() => Each("before training", callback => callback.Prepare(run.Trainer.Model));

        public void Begin() => Each("before the first step", callback => callback.Begin(run));

        public void AfterStep(TrainingProgress progress)
        {
            if (all.Count > 0) Each($"after step {progress.Step}", callback => callback.AfterStep(run, progress));
        }

        public void AfterEpoch(EpochResult epoch) => Each($"after epoch {epoch.Epoch + 1}", callback => callback.AfterEpoch(run, epoch));

        /// <summary>Each is called, whatever another one throws: files are closed there. Where training failed already, its error goes on, not theirs.</summary>
        public void End(bool mayThrow)
        {
            CallbackException? first = null;
            foreach (var callback in all)
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
        }
    }
}
