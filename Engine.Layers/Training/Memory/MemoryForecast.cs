using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>What one layer adds to the memory of a training step, in bytes as the pool lends them.</summary>
/// <param name="Path">From the outermost layer; empty for the outermost itself, "loss" for what comes after the model, "input" for the batch.</param>
/// <param name="Kind">"Linear 784 -> 128, Relu".</param>
/// <param name="Weights">Its parameters and buffers.</param>
/// <param name="OptimizerState">What the optimizer remembers for them.</param>
/// <param name="Activations">What its forward pass made and the step keeps to its end.</param>
/// <param name="Gradients">Of its parameters.</param>
/// <param name="Workspace">The most that its backward pass has at once beside those: gradients on their way, and the kernels' partial results.</param>
public sealed record LayerMemory(string Path, string Kind, long Weights, long OptimizerState, long Activations, long Gradients, long Workspace)
{
    /// <summary>All of it, whenever it is there.</summary>
    public long Total => Weights + OptimizerState + Activations + Gradients + Workspace;
}

/// <summary>The memory that a training step will need, before it is taken. <see cref="ToString"/> gives a table.</summary>
/// <param name="BatchSize">Examples of the step.</param>
/// <param name="Peak">The most bytes in use at once.</param>
/// <param name="PeakAt">The layer at whose pass that is.</param>
/// <param name="Others">Bytes in use on the device that are none of this model's training; they are there beside the peak.</param>
/// <param name="Budget">The device's; null where none is set.</param>
/// <param name="Layers">In the order of the model, then the loss and the batch.</param>
/// <param name="LargestBatch">The most examples whose step fits the budget; null without one, 0 where not even one does.</param>
public sealed record MemoryForecast(int BatchSize, long Peak, string PeakAt, long Others, long? Budget, IReadOnlyList<LayerMemory> Layers, int? LargestBatch)
{
    /// <summary>Whether the step fits the budget; true without one.</summary>
    public bool Fits => Budget is not { } budget || Peak + Others <= budget;

    /// <summary>The layer that needs the most: the one to make smaller.</summary>
    public LayerMemory Largest => Layers.MaxBy(l => l.Total)!;

    /// <summary>A table: a line for each layer, and below it the peak and the budget.</summary>
    public override string ToString()
    {
        string[][] rows = [["Layer", "Weights", "Optimizer", "Activations", "Gradients", "Workspace"], .. Layers.Select(l => new[]
        {
            l.Path.Length == 0 ? "model" : l.Path, Words(l.Weights), Words(l.OptimizerState), Words(l.Activations), Words(l.Gradients), Words(l.Workspace),
        })];
        int[] widths = [.. Enumerable.Range(0, 6).Select(i => rows.Max(r => r[i].Length))];
        var lines = rows.Select(r => string.Join("  ", r.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))).ToList();
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Peak {Peak:N0} bytes at {PeakAt} with {BatchSize} examples{(Others > 0 ? $", and {Others:N0} of others" : "")}"));
        if (Budget is { } budget) lines.Add(string.Create(CultureInfo.InvariantCulture, $"Budget {budget:N0} bytes, which {LargestBatch} examples fit; the largest part is {Largest.Path}"));
        return string.Join('\n', lines);

        static string Words(long bytes) => bytes == 0 ? "" : bytes.ToString("N0", CultureInfo.InvariantCulture);
    }
}

/// <summary>A step of training would go over the device's budget, so that none was taken.</summary>
public sealed class OverBudgetException(MemoryForecast forecast) : Exception(string.Create(CultureInfo.InvariantCulture,
    $"A step of {forecast.BatchSize} examples would have {forecast.Peak + forecast.Others:N0} bytes in use at {forecast.PeakAt}, over the budget of {forecast.Budget:N0}. The largest part is {forecast.Largest.Path} ({forecast.Largest.Kind}) with {forecast.Largest.Total:N0}. Make it smaller, use batches of {forecast.LargestBatch} at most, or raise Device.MemoryBudget."))
{
    /// <summary>What was forecast.</summary>
    public MemoryForecast Forecast { get; } = forecast;

    /// <summary>The path of the layer that needs the most.</summary>
    public string Layer => Forecast.Largest.Path;

    /// <summary>Bytes at the peak.</summary>
    public long Bytes => Forecast.Peak + Forecast.Others;
}

/// <summary>A step whose memory cannot be told from those of small batches.</summary>
public sealed class ForecastException(string message) : InvalidOperationException(message);
