using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engine.Layers;

/// <summary>What a checkpoint's state.json holds: where the run had got to, and by whom it was made.</summary>
internal sealed record CheckpointState
{
    /// <summary>What this code writes and reads.</summary>
    public const int CurrentFormat = 2;

    public required int Format { get; init; }
    public required int Epoch { get; init; }
    public required int Batch { get; init; }
    public required long Step { get; init; }
    public required double LossSum { get; init; }
    public required long Examples { get; init; }
    public required double Seconds { get; init; }
    public required ulong RngSeed { get; init; }
    public required ulong RngPosition { get; init; }
    /// <summary>What the training data's batches depend on, <see cref="IBatches.Settings"/>.</summary>
    public required string Data { get; init; }
    public required int? DataCount { get; init; }
    public required int? BatchCount { get; init; }
    /// <summary>The optimizer's name: several remember tensors of the same names and mean others by them.</summary>
    public required string OptimizerKind { get; init; }
    public required Dictionary<string, double> Optimizer { get; init; }
    public required Dictionary<string, double[]> Metrics { get; init; }
    /// <summary>Those that keep something.</summary>
    public required List<CallbackState> Callbacks { get; init; }
    public required List<EpochState> History { get; init; }

    /// <summary>Where a run is.</summary>
    public static CheckpointState Of(TrainingRun run, IEnumerable<Callback> callbacks) => new()
    {
        Format = CurrentFormat,
        Epoch = run.Epoch,
        Batch = run.Batch,
        Step = run.Step,
        LossSum = run.LossSum,
        Examples = run.Examples,
        Seconds = run.Seconds,
        RngSeed = run.Rng.Seed,
        RngPosition = run.Rng.Position,
        Data = run.Data.Settings,
        DataCount = run.Data.Count,
        BatchCount = run.Data.BatchCount,
        OptimizerKind = run.Trainer.Optimizer.GetType().Name,
        Optimizer = run.Trainer.Optimizer.SaveNumbers(),
        Metrics = run.Trainer.Metrics.ToDictionary(m => m.Name, m => m.State),
        Callbacks = [.. callbacks.Select(c => new CallbackState(c.GetType().Name, new(c.State)))],
        History = [.. run.History.Select(EpochState.From)],
    };

    /// <summary>Brings a run there, its tensors apart.</summary>
    public void GoOn(TrainingRun run)
    {
        (run.Epoch, run.Batch, run.Step) = (Epoch, Batch, Step);
        (run.LossSum, run.Examples, run.Seconds) = (LossSum, Examples, Seconds);
        run.Rng.Position = RngPosition;
        foreach (var epoch in History) run.History.Add(epoch.ToResult());
    }

    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, CheckpointJson.Default.CheckpointState));

    /// <summary>The format of a file, whatever else it holds.</summary>
    /// <exception cref="InvalidDataException">It is no JSON, or has none.</exception>
    public static int FormatOf(string path) => Parse(path, stream =>
    {
        using var json = JsonDocument.Parse(stream);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(nameof(Format), out var format) && format.TryGetInt32(out int number)
            ? number : throw new JsonException("it names no format");
    });

    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> wrote.</exception>
    public static CheckpointState Read(string path)
        => Parse(path, stream => JsonSerializer.Deserialize(stream, CheckpointJson.Default.CheckpointState) ?? throw new JsonException("it is empty"));

    private static T Parse<T>(string path, Func<Stream, T> parse)
    {
        using var stream = File.OpenRead(path);
        try
        {
            return parse(stream);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}

/// <summary>What a callback keeps, its tensors apart.</summary>
internal sealed record CallbackState(string Kind, Dictionary<string, double> Numbers);

/// <summary>An <see cref="EpochResult"/>.</summary>
internal sealed record EpochState(int Epoch, long Step, double Loss, Dictionary<string, double> Metrics, double? ValidationLoss,
    Dictionary<string, double>? ValidationMetrics, double LearningRate, double Seconds, double ExamplesPerSecond)
{
    public static EpochState From(EpochResult e) => new(e.Epoch, e.Step, e.Loss, new(e.Metrics), e.Validation?.Loss,
        e.Validation is null ? null : new(e.Validation.Metrics), e.LearningRate, e.Seconds, e.ExamplesPerSecond);

    public EpochResult ToResult() => new(Epoch, Step, Loss, Metrics,
        ValidationLoss is { } loss ? new Evaluation(loss, ValidationMetrics ?? []) : null, LearningRate, Seconds, ExamplesPerSecond);
}

[JsonSourceGenerationOptions(WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
