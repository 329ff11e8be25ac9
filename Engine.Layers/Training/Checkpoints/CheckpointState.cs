using System.Text.Json.Serialization;

namespace Engine.Layers;

/// <summary>What a checkpoint's state.json holds: where the run had got to, and what its tensor files must be.</summary>
internal sealed record CheckpointState
{
    /// <summary>What this code writes and reads.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }
    public required int Epoch { get; init; }
    public required int Batch { get; init; }
    public required long Step { get; init; }
    public required double LossSum { get; init; }
    public required long Examples { get; init; }
    public required double Seconds { get; init; }
    public required ulong RngSeed { get; init; }
    public required ulong RngPosition { get; init; }
    public required int? DataCount { get; init; }
    public required int? BatchCount { get; init; }
    public required Dictionary<string, double> Optimizer { get; init; }
    public required Dictionary<string, double[]> Metrics { get; init; }
    public required List<Dictionary<string, double>> Callbacks { get; init; }
    public required List<EpochState> History { get; init; }
    /// <summary>SHA-256 of each tensor file, by its name.</summary>
    public required Dictionary<string, string> Files { get; init; }
}

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
