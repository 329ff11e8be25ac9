using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A part of this tensor: <c>x[1..3]</c>, <c>x[^1]</c>, <c>x[.., 1..3]</c>. Shares memory where the part is one piece, as a slice
    /// of the leading axis is; else copies.</summary>
    /// <param name="at">What is taken of each axis, from the first on; all of those not mentioned.</param>
    /// <returns>The shape without the axes that were given one index.</returns>
    /// <exception cref="IndexException">An index or a range leaves its axis.</exception>
    /// <exception cref="ShapeException">More axes are mentioned than there are.</exception>
    /// <remarks>Gradient: dy in its place, zeros around it.</remarks>
    [IndexerName("Part")]                                           // Item() is the number of a tensor that has just one
    public Tensor this[params ReadOnlySpan<TensorIndex> at] => Op.Apply(new SliceOp(SliceOp.Resolve(Shape, at)), this);

    /// <summary>A part along one axis.</summary>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <param name="start">The first index.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="IndexException">The part leaves the axis.</exception>
    public Tensor Narrow(int axis, int start, int length)
    {
        int along = Shape.Axis(axis), size = Shape.Sizes[along];
        if (start < 0 || length < 0 || start > size - length)
            throw new IndexException($"Narrow: {length} from {start} on do not lie within axis {along} of {Describe()}, which has {size}.");
        return Op.Apply(new SliceOp(new Region(Shape, along, start, length)), this);
    }

    /// <summary>Cuts this tensor along an axis; <see cref="Concat"/> joins the parts again.</summary>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <param name="sizes">The parts' sizes, which add up to the axis's.</param>
    /// <returns>One tensor a size.</returns>
    /// <exception cref="ShapeException">The sizes do not add up.</exception>
    public Tensor[] Split(int axis, params ReadOnlySpan<int> sizes)
    {
        int along = Shape.Axis(axis);
        long sum = 0;
        foreach (int size in sizes) sum += size >= 0 ? size : long.MinValue / 2;
        if (sum != Shape.Sizes[along])
            throw new ShapeException($"Split: the sizes ({string.Join(", ", sizes.ToArray())}) do not add up to axis {along} of {Describe()}.");
        var parts = new Tensor[sizes.Length];
        for (int i = 0, start = 0; i < parts.Length; start += sizes[i], i++) parts[i] = Narrow(along, start, sizes[i]);
        return parts;
    }
}

/// <summary>A box within a shape, and the shape that it has once single indices are dropped.</summary>
internal sealed class Region
{
    private readonly int[] starts;
    private readonly int[] lengths;

    public Region(Shape whole, int[] starts, int[] lengths, Shape shape) => (Whole, this.starts, this.lengths, Shape) = (whole, starts, lengths, shape);

    public Region(Shape whole, int axis, int start, int length)
    {
        (Whole, starts, lengths) = (whole, new int[whole.Rank], whole.Sizes.ToArray());
        (starts[axis], lengths[axis]) = (start, length);
        Shape = new Shape(lengths);
    }

    public Shape Whole { get; }

    public Shape Shape { get; }

    /// <summary>Where its first number lies.</summary>
    public int Offset
    {
        get
        {
            if (Shape.Count == 0) return 0;
            int offset = 0;
            for (int axis = 0; axis < starts.Length; axis++) offset = offset * Whole.Sizes[axis] + starts[axis];
            return offset;
        }
    }

    /// <summary>Whether it is one piece of the row-major whole: single indices, then one axis in part, then axes in full.</summary>
    public bool IsOnePiece
    {
        get
        {
            int first = lengths.AsSpan().IndexOfAnyExcept(1);
            if (first < 0 || Shape.Count == 0) return true;
            for (int i = first + 1; i < lengths.Length; i++)
                if (lengths[i] != Whole.Sizes[i]) return false;
            return true;
        }
    }

    /// <summary>y = the region of x.</summary>
    public void Read(View x, View y)
        => x.Device.StridedCopy(x.Slice(Offset, x.Length - Offset), y, CopySizes.Merge(lengths, Whole.Strides(), new Shape(lengths).Strides()));

    /// <summary>The region of y = x.</summary>
    public void Write(View x, View y)
        => x.Device.StridedCopy(x, y.Slice(Offset, y.Length - Offset), CopySizes.Merge(lengths, new Shape(lengths).Strides(), Whole.Strides()));

    public override string ToString()
        => string.Join(", ", starts.Select((start, i) => lengths[i] == Whole.Sizes[i] ? ".." : $"{start}..{start + lengths[i]}"));
}

/// <summary>A part of a tensor.</summary>
internal sealed class SliceOp(Region region) : Op
{
    public override string Name => "Slice";

    public override string Attributes => $"[{region}]";

    public override long Bytes => region.IsOnePiece ? 0 : 8L * region.Shape.Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        if (region.IsOnePiece) return x.Share(region.Offset, region.Shape);
        var y = NewTensor(region.Shape, x.DType);
        region.Read(x.View, y.View);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        if (!region.IsOnePiece)
        {
            var zeros = Tensor.Zeros(region.Whole, dy.Device);
            region.Write(dy.View, zeros.View);
            return [zeros];
        }
        // Zeros only where dy does not come.
        var dx = Tensor.Empty(region.Whole, dy.Device, op: Name);
        int end = region.Offset + dy.Count;
        dy.Device.Fill(dx.View.Slice(0, region.Offset), 0);
        region.Write(dy.View, dx.View);
        dy.Device.Fill(dx.View.Slice(end, dx.Count - end), 0);
        return [dx];
    }

    public static Region Resolve(Shape shape, ReadOnlySpan<TensorIndex> at)
    {
        if (at.Length > shape.Rank) throw new ShapeException($"{at.Length} indices for {shape}, which has {shape.Rank} axes.");
        int[] starts = new int[shape.Rank], lengths = shape.Sizes.ToArray();
        var kept = new List<int>();
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            if (axis < at.Length) (starts[axis], lengths[axis]) = at[axis].Of(shape, axis);
            if (axis >= at.Length || !at[axis].IsIndex) kept.Add(lengths[axis]);
        }
        return new Region(shape, starts, lengths, new Shape([.. kept]));
    }
}
