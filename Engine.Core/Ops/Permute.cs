using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The axes in another order; copies.</summary>
    /// <param name="axes">Each axis once: axis i of the result is axis axes[i] of this. Negative ones count from the end.</param>
    /// <returns>Shape[axes[0]], Shape[axes[1]], …</returns>
    /// <exception cref="ShapeException">An axis is missing, named twice or not there.</exception>
    /// <remarks>Gradient: dy, permuted back.</remarks>
    public Tensor Permute(params ReadOnlySpan<int> axes) => Op.Apply(new PermuteOp(PermuteOp.Order(Shape, axes)), this);

    /// <summary>Two axes swapped; copies.</summary>
    /// <param name="a">An axis; negative ones count from the end.</param>
    /// <param name="b">Another.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Transpose(int a = -2, int b = -1)
    {
        int[] order = [.. Enumerable.Range(0, Rank)];
        (int first, int second) = (Shape.Axis(a), Shape.Axis(b));
        (order[first], order[second]) = (second, first);
        return Permute(order);
    }
}

/// <summary>The axes in another order.</summary>
internal sealed class PermuteOp(int[] order) : Op
{
    public override string Name => "Permute";

    public override string Attributes => $"axes={string.Join(",", order)}";

    public override Tensor Forward()
    {
        var x = Input(0);
        var strides = x.Shape.Strides();
        int[] sizes = Array.ConvertAll(order, axis => x.Shape.Sizes[axis]);
        var y = NewTensor(new Shape(sizes), x.DType);
        x.Device.StridedCopy(x.View, y.View, CopySizes.Merge(sizes, Array.ConvertAll(order, axis => strides[axis]), y.Shape.Strides()));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var back = new int[order.Length];
        for (int i = 0; i < back.Length; i++) back[order[i]] = i;
        return [dy.Permute(back)];
    }

    public static int[] Order(Shape shape, ReadOnlySpan<int> axes)
    {
        var order = new int[axes.Length];
        for (int i = 0; i < order.Length; i++) order[i] = shape.Axis(axes[i]);
        if (order.Length != shape.Rank || order.Distinct().Count() != order.Length)
            throw new ShapeException($"Permute: the axes ({string.Join(", ", axes.ToArray())}) do not name each of the {shape.Rank} axes of {shape} once.");
        return order;
    }
}
