namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The indices that bring the numbers along an axis into order. Numbers that are equal keep theirs; NaN is the largest.</summary>
    /// <param name="axis">The axis; negative ones count from the end. Any but the last costs two copies.</param>
    /// <param name="descending">The largest first.</param>
    /// <returns>Int32, this shape; it has no gradient.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="Kernels.DTypeException">This tensor is not Float32.</exception>
    public Tensor ArgSort(int axis = -1, bool descending = false)
    {
        var x = Detach();
        return Shape.Axis(axis) == Rank - 1
            ? Op.Apply(new ArgSortOp(descending), x)
            : Op.Apply(new ArgSortOp(descending), x.Transpose(axis, -1)).Transpose(axis, -1);
    }

    /// <summary>The numbers along an axis in order, and where each was. Numbers that are equal keep their order; NaN is the largest.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="descending">The largest first.</param>
    /// <returns>The numbers, and their indices along the axis, Int32; both of this shape.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="Kernels.DTypeException">This tensor is not Float32.</exception>
    /// <remarks>Gradient: each number of dy goes to where its value was.</remarks>
    public (Tensor Values, Tensor Indices) Sort(int axis = -1, bool descending = false)
    {
        var indices = ArgSort(axis, descending);
        return (Gather(axis, indices), indices);
    }

    /// <summary>The k largest or smallest numbers along an axis, in order, and where each was. Of numbers that are equal the first comes first; NaN
    /// is the largest.</summary>
    /// <param name="k">How many, at most the axis's size.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="largest">The largest, from the largest down; else the smallest, from the smallest up.</param>
    /// <returns>The numbers, and their indices along the axis, Int32; both of this shape with k for that axis.</returns>
    /// <exception cref="ShapeException">There is no such axis, or it has fewer numbers than k.</exception>
    /// <exception cref="Kernels.DTypeException">This tensor is not Float32.</exception>
    /// <remarks>Gradient: each number of dy goes to where its value was, and 0 to the others.</remarks>
    public (Tensor Values, Tensor Indices) TopK(int k, int axis = -1, bool largest = true)
    {
        int along = Shape.Axis(axis);
        if (k < 0 || k > Shape.Sizes[along])
            throw new ShapeException($"TopK: k is {k}, and axis {along} of {this.Describe()} has {Shape.Sizes[along]} numbers. Take from 0 to {Shape.Sizes[along]}.");
        var indices = ArgSort(along, largest).Narrow(along, 0, k);
        return (Gather(along, indices), indices);
    }
}

/// <summary>The indices that bring the last axis into order.</summary>
internal sealed class ArgSortOp(bool descending) : Op
{
    public override string Name => "ArgSort";

    public override string Attributes => descending ? "descending" : "";

    public override long Flops => InputShape(0).Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape, Kernels.DType.Int32);
        x.Device.ArgSort(x.View, y.View, x.Shape.Product(0, x.Rank - 1), x.Shape[-1], descending);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => throw new GraphException("ArgSort has no gradient: it is constant wherever it is continuous.");
}
