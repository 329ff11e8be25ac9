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
    /// <exception cref="OverBudgetException">The first step would not fit the device's budget, and <see cref="RefuseOverBudget"/> is set.</exception>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    /// <exception cref="AnomalyException"><see cref="DetectAnomaly"/> is set, and an op made a number that is not finite.</exception>
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
        run.Clock.Exact = calls.All.Any(c => c.NeedsExactTimes);
        using var claim = checkpoints?.Claim();
        calls.Prepare();
        checkpoints?.Restore(run, calls.All);
        ZeroGrad();
        try
        {
            calls.Begin();
            while (run.Epoch < epochs && !run.Stopping)
            {
                calls.BeforeEpoch();
                if (!TrainEpoch(run, calls, checkpoints, progress, cancel)) break;
                var metrics = MetricValues();                       // before validation, which counts with the same ones
                var tested = validation is null ? null : Validate(run, calls, validation, cancel);
                var result = new EpochResult(run.Epoch, run.Step, run.LossSum / run.Examples, metrics, tested, Optimizer.LearningRate, run.Seconds, run.Examples / run.Seconds);
                run.History.Add(result);
                (run.Epoch, run.Batch) = (run.Epoch + 1, 0);
                calls.AfterEpoch(result);
                Save(run, calls, checkpoints);
            }
            run.Ended = true;
        }
        finally
        {
            calls.End(mayThrow: run.Ended);
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
        bool due = false, first = run.Clock[TrainingPhase.Forward] == TimeSpan.Zero;
        using var batches = run.Data.Epoch(run.Epoch, Device, run.Batch, cancel).GetEnumerator();
        while (true)
        {
            if (run.Stopping) return false;
            cancel.ThrowIfCancellationRequested();
            calls.BeforeStep();
            double loss;
            using (Device.Scope("the training step"))
            {
                run.Clock.Enter(TrainingPhase.Data);
                if (!batches.MoveNext()) break;
                if (RefuseOverBudget && first) RequireMemory(batches.Current);
                first = false;
                loss = TakeStep(run, batches.Current, calls.OpWatcher);
            }
            run.Clock.Enter(TrainingPhase.Callbacks);
            long now = Stopwatch.GetTimestamp();
            run.Seconds += Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
            var report = new TrainingProgress(run.Epoch, run.Epochs, run.Batch, run.Data.BatchCount, run.Step, loss, run.Examples / run.Seconds);
            progress?.Report(report);
            calls.AfterStep(report);
            due |= checkpoints?.IsDue(run.Step) == true;
            if (!due || run.Batch % Accumulate != 0) continue;      // gradients that are half gathered are not saved
            Save(run, calls, checkpoints);
            due = false;
        }
        run.Clock.Enter(TrainingPhase.Other);
        if (run.Batch == 0) throw new ArgumentException("The training data gave no batches.");
        if (run.Batch % Accumulate is > 0 and var rest)             // an epoch's last batches, fewer than the others
        {
            foreach (var parameter in Model.Parameters)
                if (parameter.Value.GatheredNumbers is { } sum) InPlace.Scale(sum, (double)Accumulate / rest);
            Apply();
        }
        return true;
    }

    private double TakeStep(TrainingRun run, Batch batch, IOpWatcher? watcher)
    {
        run.LastInput = (batch.Inputs.Shape, batch.Inputs.DType);
        Tensor outputs, loss;
        using var watch = OpWatch.Begin(watcher);
        using (DetectAnomaly ? AnomalyMode.Begin() : default)
        {
            run.Clock.Enter(TrainingPhase.Forward);
            (outputs, loss) = OutputsAndLoss(batch, Pass.Train(run.Rng));
            run.Clock.Enter(TrainingPhase.Backward);
            (Accumulate == 1 ? loss : loss / Accumulate).Backward();
        }
        double value = loss.FiniteItem((int)Math.Min(run.Step + 1, int.MaxValue));
        run.Clock.Enter(TrainingPhase.Optimizer);
        if ((run.Batch + 1) % Accumulate == 0) Apply();
        run.Clock.Enter(TrainingPhase.Metrics);
        run.Batch++;
        run.Step++;
        run.LossSum += value * batch.Count;
        run.Examples += batch.Count;
        using var noGrad = NoGrad.Begin();
        foreach (var metric in Metrics) metric.Add(outputs, batch);
        return value;
    }

    private void Apply()
    {
        BeforeStep?.Invoke(Model.Parameters);
        Optimizer.Step();
        AfterStep?.Invoke(Model.Parameters);
        ZeroGrad();
    }

    private void ZeroGrad()
    {
        Optimizer.ZeroGrad();
        foreach (var parameter in notOptimized) parameter.ZeroGrad();
    }

    private Evaluation Validate(TrainingRun run, Calls calls, IBatches data, CancellationToken cancel)
    {
        calls.BeforeValidation();
        run.Clock.Enter(TrainingPhase.Validation);
        var tested = Evaluate(data, cancel: cancel);
        calls.AfterValidation(tested);
        return tested;
    }

    private static void Save(TrainingRun run, Calls calls, Checkpoints? checkpoints)
    {
        if (checkpoints is null) return;
        calls.BeforeCheckpoint();
        run.Clock.Enter(TrainingPhase.Checkpoint);
        string path = checkpoints.Save(run, calls.All);
        calls.AfterCheckpoint(path);
    }
}
