using Engine.Kernels;

namespace Engine.Core;

/// <summary>How small shapes are repeated to meet large ones.</summary>
internal static class Broadcasting
{
    /// <summary>The walk over both operands that makes a row-major result.</summary>
    public static BinarySizes Sizes(Shape result, Shape a, Shape b)
    {
        if (result.Count == 0) return new BinarySizes(new Axes(1, 1, 1, 1, 1, 0), default, default);
        if (a == b)
        {
            var inOrder = new Axes(0, 0, 0, 0, 0, 1);
            return new BinarySizes(new Axes(1, 1, 1, 1, 1, result.Count), inOrder, inOrder);
        }
        var axes = Axes.Merge(result.Sizes, Strides(result, a), Strides(result, b));
        return new BinarySizes(axes[0], axes[1], axes[2]);
    }

    /// <summary>Strides of an operand along the result's axes: 0 where it is repeated.</summary>
    public static int[] Strides(Shape result, Shape operand)
    {
        var strides = new int[result.Rank];
        var own = operand.Strides();
        for (int i = 1; i <= operand.Rank; i++)
            strides[^i] = operand.Sizes[^i] == 1 ? 0 : own[^i];
        return strides;
    }

    /// <summary>Sums a gradient over the axes along which its operand was repeated.</summary>
    public static Tensor SumTo(Tensor d, Shape shape)
    {
        if (d.Shape == shape) return d;
        var axes = new List<int>();
        for (int i = 1; i <= d.Rank; i++)
            if (i > shape.Rank || (shape.Sizes[^i] == 1 && d.Shape.Sizes[^i] != 1)) axes.Add(d.Rank - i);
        return d.Sum([.. axes]).Reshape(shape);
    }
}
