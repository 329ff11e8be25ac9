using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Engine.Layers;

/// <summary>Writes a line of JSON for each epoch and for steps, while training goes on.</summary>
/// <remarks>Each line has "kind", "time" (seconds since 1970, UTC), "epoch" (from 0 on) and "step" (taken since the beginning), and further:
/// <list type="bullet">
/// <item>"begin": "epochs", "batches" and "examples" of an epoch (null for a stream), "device", "parameters". One for each part of a run.</item>
/// <item>"step": "batch" (done in this epoch), "batches" (null for a stream), "loss", "learning_rate", "examples_per_second" (over this epoch),
/// "pool_used_bytes" and "pool_reserved_bytes" of the model's device.</item>
/// <item>"epoch": every figure of <see cref="EpochResult.Figures"/> by its name, and the two of the pool.</item>
/// <item>"end": "state", which is "finished", "stopped" or "interrupted", and "reason", null unless stopped. Missing where the process died.</item>
/// </list>
/// Numbers that JSON has no form for, NaN and infinities, are null.</remarks>
public sealed class JsonLinesLog : Callback
{
    private readonly string path;
    private readonly int everySteps;
    private readonly TimeSpan atMostEvery;
    private LogFile? file;
    private long lastStepLine;

    /// <summary>Writes to a file, over what it holds; a run that goes on from a checkpoint appends, after taking away the lines after it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="everySteps">Steps from one line to the next; 0 for none of steps.</param>
    /// <param name="atMostEvery">Steps that come sooner after a line than this have none; zero, unless given.</param>
    public JsonLinesLog(string path, int everySteps = 0, TimeSpan atMostEvery = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(everySteps);
        ArgumentOutOfRangeException.ThrowIfLessThan(atMostEvery, TimeSpan.Zero);
        (this.path, this.everySteps, this.atMostEvery) = (path, everySteps, atMostEvery);
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        file = new LogFile(path, line => run.Step > 0 && IsBefore(line, run));
        lastStepLine = 0;
        Write("begin", run.Epoch, run.Step, json =>
        {
            json.WriteNumber("epochs", run.Epochs);
            WriteCount(json, "batches", run.Data.BatchCount);
            WriteCount(json, "examples", run.Data.Count);
            json.WriteString("device", run.Trainer.Device.Name);
            json.WriteNumber("parameters", run.Trainer.Model.ParameterCount);
        });
    }

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (everySteps == 0 || progress.Step % everySteps != 0) return;
        if (lastStepLine != 0 && Stopwatch.GetElapsedTime(lastStepLine) < atMostEvery) return;
        lastStepLine = Stopwatch.GetTimestamp();
        Write("step", progress.Epoch, progress.Step, json =>
        {
            json.WriteNumber("batch", progress.Batch);
            WriteCount(json, "batches", progress.Batches);
            WriteNumber(json, "loss", progress.Loss);
            WriteNumber(json, "learning_rate", run.Trainer.Optimizer.LearningRate);
            WriteNumber(json, "examples_per_second", progress.ExamplesPerSecond);
            WritePool(json, run);
        });
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch) => Write("epoch", epoch.Epoch, epoch.Step, json =>
    {
        foreach (var (name, value) in epoch.Figures()) WriteNumber(json, name, value);
        WritePool(json, run);
    });

    /// <inheritdoc/>
    public override void End(TrainingRun run)
    {
        if (file is null) return;
        using (file)
        {
            Write("end", run.Epoch, run.Step, json =>
            {
                json.WriteString("state", !run.Ended ? "interrupted" : run.History.StoppedBecause is not null ? "stopped" : "finished");
                json.WriteString("reason", run.History.StoppedBecause);
            });
        }
        file = null;
    }

    private void Write(string kind, int epoch, long step, Action<Utf8JsonWriter> rest)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteNumber("time", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
            json.WriteNumber("epoch", epoch);
            json.WriteNumber("step", step);
            rest(json);
            json.WriteEndObject();
        }
        file!.Line(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static void WritePool(Utf8JsonWriter json, TrainingRun run)
    {
        json.WriteNumber("pool_used_bytes", run.Trainer.Device.BytesInUse);
        json.WriteNumber("pool_reserved_bytes", run.Trainer.Device.BytesReserved);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    private static void WriteCount(Utf8JsonWriter json, string name, int? count)
    {
        if (count is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    /// <summary>Whether a line is of what the run's checkpoint had seen.</summary>
    private static bool IsBefore(string line, TrainingRun run)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var of = json.RootElement;
            return of.GetProperty("step").GetInt64() <= run.Step && (of.GetProperty("kind").GetString() != "epoch" || of.GetProperty("epoch").GetInt32() < run.Epoch);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;                                           // no line of this log, or one that a crash cut short
        }
    }
}
