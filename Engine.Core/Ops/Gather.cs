using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Numbers of each line along an axis by their indices: for the axis 1 of three, y[a, m, c] = x[a, indices[a, m, c], c].</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="indices">Int32, of this rank, each in 0..n−1 for an axis of n; the other axes may be shorter than this tensor's.</param>
    /// <returns>The indices' shape.</returns>
    /// <exception cref="DTypeException">The indices are not Int32.</exception>
    /// <exception cref="ShapeException">There is no such axis, the ranks differ, or another axis of the indices is longer than this tensor's.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradient: each number of dy is added to where it came from, in the order of the indices.</remarks>
    public Tensor Gather(int axis, Tensor indices) => Op.Apply(new GatherOp(Shape.Axis(axis)), this, indices);

    /// <summary>A copy of this tensor with numbers put in by their indices along an axis: for the axis 1 of three,
    /// y[a, indices[a, m, c], c] = values[a, m, c]. Of an index that comes again, the last one stays.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="indices">Int32, of this rank, each in 0..n−1 for an axis of n; the other axes may be shorter than this tensor's.</param>
    /// <param name="values">This type and rank; of axes longer than the indices' the beginning is taken.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="DTypeException">The indices are not Int32, or the values not of this type.</exception>
    /// <exception cref="ShapeException">There is no such axis, the ranks differ, another axis of the indices is longer than this tensor's, or one
    /// of the values' is shorter than theirs.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradients: dx = dy with 0 where something was put in; to each of the values that stayed dy from its place, to the others 0.</remarks>
    public Tensor Scatter(int axis, Tensor indices, Tensor values)
        => Op.Apply(new ScatterOp(Shape.Axis(axis), add: false), this, indices, Along.Beginning(nameof(Scatter), values, indices));

    /// <summary>A copy of this tensor with one number put in by indices along an axis.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="indices">Int32, of this rank, each in 0..n−1 for an axis of n; the other axes may be shorter than this tensor's.</param>
    /// <param name="value">The number; this tensor is Float32, Int32 or UInt8.</param>
    /// <inheritdoc cref="Scatter(int, Tensor, Tensor)"/>
    public Tensor Scatter(int axis, Tensor indices, double value) => Scatter(axis, indices, Full(indices.Shape, value, Device, DType));

    /// <summary>A copy of this tensor with numbers added by their indices along an axis: for the axis 1 of three,
    /// y[a, indices[a, m, c], c] += values[a, m, c], in the order of m: the same bits on every run.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="indices">Int32, of this rank, each in 0..n−1 for an axis of n; the other axes may be shorter than this tensor's.</param>
    /// <param name="values">Float32, of this rank; of axes longer than the indices' the beginning is taken.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="DTypeException">The indices are not Int32, or the numbers not Float32.</exception>
    /// <exception cref="ShapeException">There is no such axis, the ranks differ, another axis of the indices is longer than this tensor's, or one
    /// of the values' is shorter than theirs.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradients: dx = dy; to each of the values dy from its place.</remarks>
    public Tensor ScatterAdd(int axis, Tensor indices, Tensor values)
        => Op.Apply(new ScatterOp(Shape.Axis(axis), add: true), this, indices, Along.Beginning(nameof(ScatterAdd), values, indices));
}

/// <summary>What ops by indices along an axis have in common.</summary>
internal static class Along
{
    /// <summary>The walk over indices and the tensor that they name places of.</summary>
    public static AlongSizes Sizes(string op, Tensor x, Tensor indices, int axis)
    {
        if (indices.DType != DType.Int32) throw new DTypeException($"{op}: the indices {indices.Describe()} are {indices.DType}, and must be Int32. Cast them.");
        if (indices.Rank != x.Rank) throw new ShapeException($"{op}: the indices {indices.Describe()} and {x.Describe()} must have as many axes. Reshape one of them.");
        for (int i = 0; i < x.Rank; i++)
            if (i != axis && indices.Shape.Sizes[i] > x.Shape.Sizes[i])
                throw new ShapeException($"{op}: the indices {indices.Describe()} are longer than {x.Describe()} on axis {i}: only on axis {axis} may they be.");
        return AlongSizes.Merge(indices.Shape.Sizes, x.Shape.Sizes, axis);
    }

    /// <summary>As much of the values as there are indices for.</summary>
    public static Tensor Beginning(string op, Tensor values, Tensor indices)
    {
        if (values.Rank != indices.Rank) throw new ShapeException($"{op}: the values {values.Describe()} and the indices {indices.Describe()} must have as many axes. Reshape one of them.");
        for (int i = 0; i < indices.Rank; i++)
        {
            int size = indices.Shape.Sizes[i];
            if (size > values.Shape.Sizes[i]) throw new ShapeException($"{op}: there are fewer values, {values.Describe()}, than indices, {indices.Describe()}, on axis {i}.");
            if (size < values.Shape.Sizes[i]) values = values.Narrow(i, 0, size);
        }
        return values;
    }
}

/// <summary>Numbers by their indices along an axis.</summary>
internal sealed class GatherOp(int axis) : Op
{
    private AlongSizes sizes;

    public override string Name => "Gather";

    public override string Attributes => $"axis={axis}";

    public override Tensor Forward()
    {
        Tensor x = Input(0), indices = Input(1);
        sizes = Along.Sizes(Name, x, indices, axis);
        var y = NewTensor(indices.Shape, x.DType);
        x.Device.Gather(x.View, indices.View, y.View, sizes);
        Save(indices);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var dx = Tensor.Zeros(InputShape(0), dy.Device);
        dy.Device.ScatterAdd(dy.View, Saved(0).View, dx.View, sizes);
        return [dx, null];
    }
}

/// <summary>Numbers put in, or added, by their indices along an axis.</summary>
internal sealed class ScatterOp(int axis, bool add) : Op
{
    private AlongSizes sizes;

    public override string Name => add ? "ScatterAdd" : "Scatter";

    public override string Attributes => $"axis={axis}";

    public override long Flops => add ? InputShape(1).Count : 0;

    public override Tensor Forward()
    {
        Tensor x = Input(0), indices = Input(1), values = Input(2);
        sizes = Along.Sizes(Name, x, indices, axis);
        if (values.DType != x.DType) throw new DTypeException($"{Name}: the values {values.Describe()} are {values.DType}, and {x.Describe()} is {x.DType}. Cast one of them.");
        var y = Copy(x);
        if (add) x.Device.ScatterAdd(values.View, indices.View, y.View, sizes);
        else x.Device.Scatter(values.View, indices.View, y.View, sizes);
        Save(indices);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var indices = Saved(0);
        if (add) return [dy, null, Needs(2) ? Apply(new GatherOp(axis), dy, indices) : null];
        Tensor dx = Copy(dy), d = Tensor.Empty(InputShape(2), dy.Device, op: Name);
        dy.Device.ScatterBackward(indices.View, dx.View, d.View, sizes);
        return [dx, null, d];
    }

    private Tensor Copy(Tensor x)
    {
        var y = Tensor.Empty(x.Shape, x.Device, x.DType, Name);
        x.Device.StridedCopy(x.View, y.View, CopySizes.Merge([x.Count], [1], [1]));
        return y;
    }
}
