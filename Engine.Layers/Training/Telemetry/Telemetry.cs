using System.Diagnostics;
using System.Diagnostics.Metrics;
using Engine.Core;
using Microsoft.Extensions.Logging;

namespace Engine.Layers;

/// <summary>Tells the program's own logs, meters and traces of training: a callback, for one run at a time. Each of the three is the caller's, and may
/// be left out.</summary>
/// <remarks>The meter gets engine.training.steps, .examples, .loss, .epoch.loss, .validation.loss, .throughput, .learning_rate and .phase.duration
/// (seconds, by "phase"), engine.device.memory.used and .reserved (bytes, by "device"), and engine.op.duration (seconds, by "op" and "pass": forward or
/// backward). The trace gets "fit", within it "epoch", "validation" and "checkpoint", and within an epoch "step" where asked for.</remarks>
public sealed class Telemetry : Callback
{
    private static readonly TrainingPhase[] StepPhases = [TrainingPhase.Data, TrainingPhase.Forward, TrainingPhase.Backward, TrainingPhase.Optimizer, TrainingPhase.Metrics];

    private readonly ILogger? logger;
    private readonly TrainingMeters? meters;
    private readonly ActivitySource? activities;
    private readonly bool spanOfSteps, times;
    private readonly Stack<Activity?> open = new();
    private readonly TimeSpan[] before = new TimeSpan[StepPhases.Length];
    private long examples;
    private DateTimeOffset began;
    private OpTimer? timer;

    /// <summary>Tells these.</summary>
    /// <param name="logger">Told of the beginning, of epochs, checkpoints and the end; at level Debug, of each step.</param>
    /// <param name="meter">Gets the instruments, those of one telemetry: from an IMeterFactory, or <c>new Meter("...")</c>.</param>
    /// <param name="activities">Starts the spans of the trace.</param>
    /// <param name="spanOfSteps">Whether each step is a span too.</param>
    /// <param name="timeOps">Whether to time each op while somebody listens to engine.op.duration. A GPU then waits after each, which is slower.</param>
    public Telemetry(ILogger? logger = null, Meter? meter = null, ActivitySource? activities = null, bool spanOfSteps = false, bool timeOps = false)
    {
        (this.logger, this.activities, this.spanOfSteps, times) = (logger, activities, spanOfSteps, timeOps);
        if (meter is not null) meters = new TrainingMeters(meter);
    }

    internal override IOpWatcher? OpWatcher => times && meters is { OpsWanted: true } ? timer : null;

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        open.Clear();
        Start("fit")?.SetTag("device", run.Trainer.Device.Name).SetTag("epochs", run.Epochs);
        if (meters is not null)
        {
            meters.Device = run.Trainer.Device;
            timer = new OpTimer(run.Trainer.Device, meters.Timed);
        }
        Remember(run);
        logger?.Began(run.Trainer.Model.ParameterCount, run.Trainer.Device.Name, run.Epoch + 1, run.Epochs, run.Step);
    }

    /// <inheritdoc/>
    public override void BeforeEpoch(TrainingRun run) => Start("epoch")?.SetTag("epoch", run.Epoch + 1);

    /// <inheritdoc/>
    public override void BeforeStep(TrainingRun run) => Remember(run);

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        // Only now is it known that there was a step.
        if (spanOfSteps) activities?.StartActivity("step", ActivityKind.Internal, default(ActivityContext), startTime: began)?.SetTag("step", progress.Step).SetTag("loss", progress.Loss).Dispose();
        logger?.StepTaken(progress.Step, progress.Loss, progress.ExamplesPerSecond);
        if (meters is null) return;
        meters.Step(progress, run.Examples - examples, run.Trainer.Optimizer.LearningRate);
        for (int i = 0; i < StepPhases.Length; i++) meters.Phase(StepPhases[i], run.TimeIn(StepPhases[i]) - before[i]);
    }

    /// <inheritdoc/>
    public override void BeforeValidation(TrainingRun run) => Start("validation");

    /// <inheritdoc/>
    public override void AfterValidation(TrainingRun run, Evaluation validation) => Stop(a => a.SetTag("loss", validation.Loss));

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        Stop(a => a.SetTag("loss", epoch.Loss).SetTag("step", epoch.Step));
        meters?.Epoch(epoch);
        logger?.EpochDone(epoch.Epoch + 1, epoch.Step, epoch.Loss, epoch.Validation?.Loss, epoch.Seconds, epoch.ExamplesPerSecond);
    }

    /// <inheritdoc/>
    public override void BeforeCheckpoint(TrainingRun run) => Start("checkpoint")?.SetTag("step", run.Step);

    /// <inheritdoc/>
    public override void AfterCheckpoint(TrainingRun run, string path)
    {
        Stop(a => a.SetTag("path", path));
        logger?.CheckpointWritten(run.Step, path);
    }

    /// <inheritdoc/>
    public override void End(TrainingRun run)
    {
        bool interrupted = !run.Ended;
        while (open.Count > 0) Stop(a =>
        {
            if (interrupted) a.SetStatus(ActivityStatusCode.Error, "interrupted");
        });
        meters?.Device = null;
        if (logger is null) return;
        if (interrupted) logger.Interrupted(run.Step, Math.Min(run.Epoch + 1, run.Epochs), run.Epochs);
        else if (run.History.StoppedBecause is { } reason) logger.Stopped(run.Step, reason);
        else logger.Finished(run.Step);
    }

    private void Remember(TrainingRun run)
    {
        (examples, began) = (run.Examples, DateTimeOffset.UtcNow);
        for (int i = 0; i < StepPhases.Length; i++) before[i] = run.TimeIn(StepPhases[i]);
    }

    private Activity? Start(string name)
    {
        var activity = activities?.StartActivity(name);
        open.Push(activity);
        return activity;
    }

    private void Stop(Action<Activity> describe)
    {
        if (!open.TryPop(out var activity) || activity is null) return;
        describe(activity);
        activity.Dispose();
    }
}
