using Microsoft.Extensions.Logging;

namespace Engine.Layers;

/// <summary>What <see cref="Telemetry"/> logs.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(1, LogLevel.Information, "Training of {Parameters} parameters on {Device} begins at epoch {Epoch} of {Epochs}, after {Step} steps.")]
    public static partial void Began(this ILogger logger, long parameters, string device, int epoch, int epochs, long step);

    [LoggerMessage(2, LogLevel.Debug, "Step {Step}: loss {Loss}, {ExamplesPerSecond} examples/s.")]
    public static partial void StepTaken(this ILogger logger, long step, double loss, double examplesPerSecond);

    [LoggerMessage(3, LogLevel.Information, "Epoch {Epoch}, step {Step}: loss {Loss}, validation loss {ValidationLoss}, {Seconds} s, {ExamplesPerSecond} examples/s.")]
    public static partial void EpochDone(this ILogger logger, int epoch, long step, double loss, double? validationLoss, double seconds, double examplesPerSecond);

    [LoggerMessage(4, LogLevel.Information, "Checkpoint of step {Step} written to {Path}.")]
    public static partial void CheckpointWritten(this ILogger logger, long step, string path);

    [LoggerMessage(5, LogLevel.Information, "Training is done after {Step} steps.")]
    public static partial void Finished(this ILogger logger, long step);

    [LoggerMessage(6, LogLevel.Information, "Training stopped after {Step} steps: {Reason}.")]
    public static partial void Stopped(this ILogger logger, long step, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Training was interrupted after {Step} steps, in epoch {Epoch} of {Epochs}.")]
    public static partial void Interrupted(this ILogger logger, long step, int epoch, int epochs);
}
