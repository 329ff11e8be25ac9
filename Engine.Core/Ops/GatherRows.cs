using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Rows of this table by their indices: what an embedding is.</summary>
    /// <param name="indices">Int32, any shape, each in 0..V−1.</param>
    /// <returns>This tensor (V, …) gives the shape of the indices, then ….</returns>
    /// <exception cref="DTypeException">The indices are not Int32.</exception>
    /// <exception cref="ShapeException">This tensor is a scalar.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradient: each row of dy is added to the row that it came from, in the order of the indices, so that the sum of an index that
    /// comes again has the same bits on every run.</remarks>
    public Tensor GatherRows(Tensor indices) => Op.Apply(new GatherRowsOp(), this, indices);
}

/// <summary>Rows of a table by their indices.</summary>
internal sealed class GatherRowsOp : Op
{
    private RowSizes sizes;

    public override string Name => "GatherRows";

    public override Tensor Forward()
    {
        Tensor x = Input(0), indices = Input(1);
        if (x.Rank == 0) throw new ShapeException($"GatherRows: a scalar has no rows. Reshape it.");
        if (indices.DType != DType.Int32) throw new DTypeException($"GatherRows: the indices {indices.Describe()} are {indices.DType}, and must be Int32. Cast them.");
        sizes = new RowSizes(x.Shape.Sizes[0], x.Shape.Product(1, x.Rank), indices.Count);
        var y = NewTensor(new Shape([.. indices.Shape.Sizes, .. x.Shape.Sizes[1..]]), x.DType);
        x.Device.GatherRows(x.View, indices.View, y.View, sizes);
        Save(indices);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Zeros(InputShape(0), dy.Device);
        dy.Device.ScatterAddRows(dy.View, Saved(0).View, dx.View, sizes);
        return [dx, null];
    }
}
