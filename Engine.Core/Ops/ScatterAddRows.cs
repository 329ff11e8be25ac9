using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A table of zeros to which the rows of this tensor are added at their indices: what <see cref="GatherRows"/> does, backward.</summary>
    /// <param name="indices">Int32, of this tensor's leading sizes, each in 0..rows−1.</param>
    /// <param name="rows">How many rows the table has.</param>
    /// <returns>This tensor, the shape of the indices then …, gives (rows, …).</returns>
    /// <exception cref="DTypeException">The indices are not Int32, or this tensor not Float32.</exception>
    /// <exception cref="ShapeException">The indices' sizes are not the leading ones of this tensor, or rows is negative.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Rows of one index are added in their order, so that the sum has the same bits on every run. Gradient: the rows of dy at the indices.</remarks>
    public Tensor ScatterAddRows(Tensor indices, int rows) => Op.Apply(new ScatterAddRowsOp(rows), this, indices);
}

/// <summary>Rows added up by their indices.</summary>
internal sealed class ScatterAddRowsOp(int rows) : Op
{
    private RowSizes sizes;

    public override string Name => "ScatterAddRows";

    public override string Attributes => $"rows={rows}";

    public override Tensor Forward()
    {
        Tensor x = Input(0), indices = Input(1);
        if (indices.DType != DType.Int32) throw new DTypeException($"ScatterAddRows: the indices {indices.Describe()} are {indices.DType}, and must be Int32. Cast them.");
        if (x.Rank < indices.Rank || !x.Shape.Sizes[..indices.Rank].SequenceEqual(indices.Shape.Sizes))
            throw new ShapeException($"ScatterAddRows: {x.Describe()} does not begin with the sizes of its indices {indices.Describe()}. Give each row one index.");
        if (rows < 0) throw new ShapeException($"ScatterAddRows: a table has no {rows} rows.");
        sizes = new RowSizes(rows, x.Shape.Product(indices.Rank, x.Rank), indices.Count);
        var y = Tensor.Zeros(new Shape([rows, .. x.Shape.Sizes[indices.Rank..]]), x.Device);
        x.Device.ScatterAddRows(x.View, indices.View, y.View, sizes);
        Save(indices);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Empty(InputShape(0), dy.Device, op: Name);
        dy.Device.GatherRows(dy.View, Saved(0).View, dx.View, sizes);
        return [dx, null];
    }
}
