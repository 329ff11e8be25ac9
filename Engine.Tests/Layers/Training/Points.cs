using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Relu = Engine.Layers.Relu;

namespace Engine.Tests.Layers.Training;

/// <summary>Two classes of points in the plane, inside a circle and outside, in an order that each epoch shuffles.</summary>
internal sealed class Points(int count, int batch, ulong seed = 7) : IBatches
{
    private readonly float[] numbers = Draw(count, new Rng(seed));

    public int? Count => count;

    public int? BatchCount => (count + batch - 1) / batch;

    public string Settings => $"batches of {batch}, shuffled with seed {seed}";

    /// <summary>Called before each batch.</summary>
    public Action<int>? Before { get; init; }

    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        int at = skip;
        foreach (int[] chosen in new Rng(seed).Split((ulong)epoch).Permutation(count).Chunk(batch).Skip(skip))
        {
            cancel.ThrowIfCancellationRequested();
            Before?.Invoke(at++);
            yield return Make(chosen, device);
        }
    }

    private Batch Make(int[] chosen, Device device)
    {
        float[] x = [.. chosen.SelectMany(i => new[] { numbers[2 * i], numbers[2 * i + 1] })];
        int[] y = [.. chosen.Select(i => numbers[2 * i] * numbers[2 * i] + numbers[2 * i + 1] * numbers[2 * i + 1] < 0.6f ? 1 : 0)];
        return new Batch(Tensor.From(x, [chosen.Length, 2], device), Tensor.From(y, [chosen.Length], device));
    }

    private static float[] Draw(int count, Rng rng) => [.. Enumerable.Range(0, 2 * count).Select(_ => 2 * rng.NextFloat() - 1)];
}

/// <summary>A small model with dropout and batch norm, so that random numbers and running statistics matter.</summary>
internal static class SmallModel
{
    public static Trainer Trainer(Device device, ulong seed = 1, int width = 16, Func<Layer, Optimizer>? optimizer = null, params Metric[] metrics)
        => Trainer(device, optimizer, null, 1, seed, width, metrics);

    /// <param name="before">Told of the trainer before each step of the optimizer.</param>
    /// <param name="accumulate">Batches for each step.</param>
    public static Trainer Trainer(Device device, Func<Layer, Optimizer>? optimizer, Action<Trainer>? before, int accumulate = 1, ulong seed = 1, int width = 16, params Metric[] metrics)
    {
        var rng = new Rng(seed);
        var model = new Sequential { new Linear(2, width, rng), new BatchNorm1d(width), new Relu(), new Dropout(0.1), new Linear(width, 2, rng) }.To(device);
        Trainer? made = null;
        return made = new Trainer(model, optimizer?.Invoke(model) ?? new Adam(model.Parameters, 0.01), Loss.CrossEntropy, metrics)
        {
            Accumulate = accumulate,
            BeforeStep = before is null ? null : _ => before(made!),
        };
    }

    /// <summary>Every number of a model, parameters and statistics.</summary>
    public static float[] Numbers(Layer model) => [.. model.State().SelectMany(s => s.Value.Value.ToArray())];
}
