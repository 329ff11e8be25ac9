using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Σ over axes; over all of them where none is named.</summary>
    /// <param name="axes">Axes to sum over; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, or one is named twice.</exception>
    /// <remarks>Gradient: dy, repeated along those axes. The order of the sum depends on the shape alone.</remarks>
    public Tensor Sum(params ReadOnlySpan<int> axes) => Op.Apply(new SumOp(ReduceAxes.From(Shape, axes)), this);
}

/// <summary>Σ over axes.</summary>
internal sealed class SumOp(ReduceAxes axes) : Op
{
    public override string Name => "Sum";

    public override string Attributes => $"axes={axes}";

    public override long Flops => InputShape(0).Count;

    public override Tensor Forward()
    {
        var x = Input(0);
        // Neighbouring axes go in one pass; each further group, from the last to the first, in one more.
        var view = x.View;
        var y = x;
        foreach (var sizes in axes.Passes())
        {
            y = NewTensor([sizes.Count]);
            x.Device.Reduce<Sum>(view, y.View, sizes);
            view = y.View;
        }
        return y == x ? x.Share(0, axes.Result) : new Tensor(y.Storage, 0, axes.Result);
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        // Adding to zeros of the full shape repeats it.
        var zeros = Tensor.From(new double[InputShape(0).Count], InputShape(0), dy.Device);
        return [dy.Reshape(axes.Kept) + zeros];
    }
}

/// <summary>Which axes of a shape a reduction takes away.</summary>
internal sealed class ReduceAxes
{
    private readonly Shape shape;
    private readonly bool[] reduced;

    private ReduceAxes(Shape shape, bool[] reduced) => (this.shape, this.reduced) = (shape, reduced);

    public static ReduceAxes From(Shape shape, ReadOnlySpan<int> axes)
    {
        var reduced = new bool[shape.Rank];
        foreach (int axis in axes)
        {
            int at = shape.Axis(axis);
            if (reduced[at]) throw new ShapeException($"Axis {axis} of {shape} is named twice.");
            reduced[at] = true;
        }
        if (axes.Length == 0) Array.Fill(reduced, true);
        return new ReduceAxes(shape, reduced);
    }

    /// <summary>The shape without the reduced axes.</summary>
    public Shape Result => new([.. shape.Where((_, i) => !reduced[i])]);

    /// <summary>The shape with the reduced axes of size 1.</summary>
    public Shape Kept => new([.. shape.Select((size, i) => reduced[i] ? 1 : size)]);

    /// <summary>One pass a group of neighbouring axes, from the last group to the first.</summary>
    public IEnumerable<ReduceSizes> Passes()
    {
        int inner = 1;
        for (int i = shape.Rank - 1; i >= 0;)
        {
            int first = i;
            while (first > 0 && reduced[first - 1] == reduced[i]) first--;
            int size = shape.Product(first, i + 1);
            if (reduced[i]) yield return new ReduceSizes(shape.Product(0, first), size, inner);
            else inner *= size;
            i = first - 1;
        }
    }

    public override string ToString() => string.Join(",", Enumerable.Range(0, reduced.Length).Where(i => reduced[i]));
}
