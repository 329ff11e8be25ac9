using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Rows of this table by their indices: what an embedding is.</summary>
    /// <param name="indices">Int32, any shape, each in 0..V−1.</param>
    /// <param name="padding">A row to which no gradient goes; null for none.</param>
    /// <param name="sparse">Keep the gradient of this tensor, where it is a leaf, as the rows that were looked up, until somebody reads
    /// <see cref="Grad"/>: an optimizer then changes these rows alone. The processor reads the indices in the backward pass.</param>
    /// <returns>This tensor (V, …) gives the shape of the indices, then ….</returns>
    /// <exception cref="DTypeException">The indices are not Int32.</exception>
    /// <exception cref="ShapeException">This tensor is a scalar.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradient: each row of dy is added to the row that it came from, in the order of the indices, so that the sum of an index that
    /// comes again has the same bits on every run.</remarks>
    public Tensor GatherRows(Tensor indices, int? padding = null, bool sparse = false) => Op.Apply(new GatherRowsOp(padding, sparse), this, indices);
}

/// <summary>Rows of a table by their indices.</summary>
internal sealed class GatherRowsOp(int? padding, bool sparse) : Op, IAddsGradient
{
    private RowSizes sizes;

    // A table that is also the matrix behind a softmax has that gradient already: as many numbers again need not be made, nor added.
    public bool MayAdd { private get; set; }

    public override string Name => "GatherRows";

    public override string Attributes => string.Join(", ", ((string?[])[padding is { } row ? $"padding={row}" : null, sparse ? "sparse" : null]).OfType<string>());

    public override Tensor Forward()
    {
        Tensor x = Input(0), indices = Input(1);
        if (x.Rank == 0) throw new ShapeException($"GatherRows: a scalar has no rows. Reshape it.");
        if (indices.DType != DType.Int32) throw new DTypeException($"GatherRows: the indices {indices.Describe()} are {indices.DType}, and must be Int32. Cast them.");
        if (padding is { } row && (uint)row >= (uint)x.Shape.Sizes[0]) throw new IndexException($"GatherRows: the padding's row {row} is not in 0..{x.Shape.Sizes[0] - 1}.");
        sizes = new RowSizes(x.Shape.Sizes[0], x.Shape.Product(1, x.Rank), indices.Count, padding ?? -1);
        var y = NewTensor(new Shape([.. indices.Shape.Sizes, .. x.Shape.Sizes[1..]]), x.DType);
        x.Device.GatherRows(x.View, indices.View, y.View, sizes);
        Save(indices);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        if (sparse && Inputs[0].Leaf is not null || MayAdd && dy.Device is CpuDevice)     // where the host reads indices at no cost
        {
            GradientRows = RowGradient.Sum(InputShape(0), Saved(0), dy, sizes.Skip);
            return [null, null];
        }
        var dx = Tensor.Zeros(InputShape(0), dy.Device);
        dy.Device.ScatterAddRows(dy.View, Saved(0).View, dx.View, sizes);
        return [dx, null];
    }
}
