using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A diagonal of each matrix of two axes: y[…, i] = x at i of the one and i + offset of the other; copies.</summary>
    /// <param name="offset">0 the main one, 1 the one above it, −1 the one below.</param>
    /// <param name="rows">The matrices' first axis; negative ones count from the end.</param>
    /// <param name="columns">Their second.</param>
    /// <returns>The shape without those axes, then the diagonal's length, which is 0 beyond the corners.</returns>
    /// <exception cref="ShapeException">There is no such axis, or both are the same.</exception>
    /// <remarks>Gradient: dy on the diagonal, zeros beside it.</remarks>
    public Tensor Diagonal(int offset = 0, int rows = -2, int columns = -1)
    {
        int first = Shape.Axis(rows), second = Shape.Axis(columns);
        if (first == second) throw new ShapeException($"Diagonal: axis {first} of {this.Describe()} is named twice.");
        return Op.Apply(new DiagonalOp(offset, first, second), this);
    }
}

/// <summary>A diagonal of matrices.</summary>
internal sealed class DiagonalOp(int offset, int rows, int columns) : Op
{
    public override string Name => "Diagonal";

    public override string Attributes => $"offset={offset}, axes={rows},{columns}";

    public override Tensor Forward()
    {
        var x = Input(0);
        var (shape, strides, start) = Walk(x.Shape);
        var y = NewTensor(shape, x.DType);
        if (y.Count > 0) x.Device.StridedCopy(x.View.Slice(start, x.Count - start), y.View, CopySizes.Merge(shape.Sizes, strides, shape.Strides()));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Zeros(InputShape(0), dy.Device);
        var (shape, strides, start) = Walk(dx.Shape);
        if (dy.Count > 0) dy.Device.StridedCopy(dy.View, dx.View.Slice(start, dx.Count - start), CopySizes.Merge(shape.Sizes, shape.Strides(), strides));
        return [dx];
    }

    /// <summary>The diagonal's shape, the strides of x along it, and where it begins.</summary>
    private (Shape Shape, int[] Strides, int Start) Walk(Shape x)
    {
        var own = x.Strides();
        int[] others = [.. Enumerable.Range(0, x.Rank).Where(axis => axis != rows && axis != columns)];
        long down = Math.Max(0, -(long)offset), right = Math.Max(0, (long)offset);
        int length = (int)Math.Max(0, Math.Min(x.Sizes[rows] - down, x.Sizes[columns] - right));
        int start = length == 0 ? 0 : (int)(down * own[rows] + right * own[columns]);
        return ([.. others.Select(axis => x.Sizes[axis]), length], [.. others.Select(axis => own[axis]), own[rows] + own[columns]], start);
    }
}
