using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Rows of two tensors in batches, gathered where the tensors are.</summary>
public sealed class TensorBatches : IBatches
{
    private readonly Tensor inputs;
    private readonly Tensor? targets;
    private readonly int batchSize;
    private readonly ulong? shuffleSeed;

    /// <summary>The rows in batches.</summary>
    /// <param name="inputs">(N, ...), of any type, on any device.</param>
    /// <param name="targets">(N, ...), likewise.</param>
    /// <param name="batchSize">How many in each; a last one may have fewer.</param>
    /// <param name="shuffleSeed">Each epoch has an order of its own, <c>new Rng(seed).Split(epoch).Permutation(N)</c>; left out, that of the rows.</param>
    /// <exception cref="ShapeException">The two have not as many rows, or are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is under 1.</exception>
    public TensorBatches(Tensor inputs, Tensor targets, int batchSize, ulong? shuffleSeed = null) : this(inputs, batchSize)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
            throw new ShapeException($"Inputs {inputs.Shape} and targets {targets.Shape} have not one row for each example.");
        (this.targets, this.shuffleSeed) = (targets, shuffleSeed);
    }

    /// <summary>Rows to predict, in order: they have no targets, and those of each batch are its inputs again.</summary>
    internal TensorBatches(Tensor inputs, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (inputs.Rank == 0) throw new ShapeException("The inputs are a single number, and have no row for each example. Reshape them to (N, ...).");
        (this.inputs, this.batchSize) = (inputs, batchSize);
    }

    /// <inheritdoc/>
    public int? Count => inputs.Shape[0];

    /// <inheritdoc/>
    public int? BatchCount => (int)(((long)inputs.Shape[0] + batchSize - 1) / batchSize);

    /// <inheritdoc/>
    public string Settings => $"batches of {batchSize}, {(shuffleSeed is { } seed ? $"shuffled with seed {seed}" : "in order")}";

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Batches(shuffleSeed is { } seed ? new Rng(seed).Split((ulong)epoch).Permutation(inputs.Shape[0]) : null, device, skip, cancel);
    }

    private IEnumerable<Batch> Batches(int[]? order, Device device, int skip, CancellationToken cancel)
    {
        int n = inputs.Shape[0];
        for (long first = (long)skip * batchSize; first < n; first += batchSize)
        {
            cancel.ThrowIfCancellationRequested();
            yield return Take(order, (int)first, (int)Math.Min(n, first + batchSize), device);
        }
    }

    private Batch Take(int[]? order, int begin, int end, Device device)
    {
        using var noGrad = NoGrad.Begin();
        var x = Rows(inputs, order, begin, end, device);
        return new Batch(x, targets is null ? x : Rows(targets, order, begin, end, device));
    }

    private static Tensor Rows(Tensor all, int[]? order, int begin, int end, Device device)
        => (order is null ? all[begin..end] : all.GatherRows(Tensor.From(order.AsSpan(begin, end - begin), [end - begin], all.Device))).To(device);
}
