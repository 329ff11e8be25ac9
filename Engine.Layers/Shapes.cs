using Engine.Core;

namespace Engine.Layers;

/// <summary>Makes one row of each item: (N, …) becomes (N, product of the rest).</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 1) throw new ShapeException($"Flatten: {x.Shape} has no axis to keep. Give it a batch, (N, …).");
        return x.Reshape(x.Shape[0], x.Shape.Product(1, x.Rank));
    }
}

/// <summary>The axes of its input in another order, the batch's among them: (N, T, C) becomes (N, C, T) by Permute(0, 2, 1), which is what
/// <see cref="Conv1d"/> takes after an <see cref="Embedding"/>.</summary>
/// <remarks>The steps of sequences stay as many, whichever axis they go to.</remarks>
public sealed class Permute : Layer
{
    private readonly int[] axes;

    /// <summary>An order of the axes.</summary>
    /// <param name="axes">Each axis once: axis i of the result is axis axes[i] of the input, as in <see cref="Tensor.Permute"/>. Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">The axes do not name each of as many once.</exception>
    public Permute(params ReadOnlySpan<int> axes)
    {
        this.axes = axes.ToArray();
        int rank = axes.Length;
        if (this.axes.Select(axis => axis < 0 ? axis + rank : axis).Order().SequenceEqual(Enumerable.Range(0, rank))) return;
        throw new ArgumentException($"Permute: ({Settings}) do not name each of {rank} axes once. Name all of the input's, that of the batch too, as in Permute(0, 2, 1).", nameof(axes));
    }

    /// <inheritdoc/>
    protected override string Settings => string.Join(", ", axes);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Permute(axes);
}
