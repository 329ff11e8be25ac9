using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Joins tensors along an axis; copies.</summary>
    /// <param name="parts">At least one; all sizes but that axis's are equal, and so are their types.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <returns>The parts' shape, with the sum of their sizes along the axis.</returns>
    /// <exception cref="ShapeException">There is no part, or shapes disagree.</exception>
    /// <remarks>Gradient: to each part its slice of dy.</remarks>
    public static Tensor Concat(IReadOnlyList<Tensor> parts, int axis = 0)
    {
        if (parts.Count == 0) throw new ShapeException("Concat: there is nothing to join.");
        return Op.Apply(new ConcatOp(parts[0].Shape.Axis(axis)), [.. parts]);
    }
}

/// <summary>Tensors joined along an axis.</summary>
internal sealed class ConcatOp(int axis) : Op
{
    public override string Name => "Concat";

    public override string Attributes => $"axis={axis}";

    public override Tensor Forward()
    {
        var first = Input(0);
        long sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            var x = Input(i);
            if (x.Rank != first.Rank || x.Shape.With(axis, first.Shape.Sizes[axis]) != first.Shape)
                throw new ShapeException($"Concat: input {i}, {x.Describe()}, does not fit {first.Describe()}: but for axis {axis} their sizes must be equal.");
            if (x.DType != first.DType)
                throw new DTypeException($"Concat: input {i}, {x.Describe()}, is {x.DType}, and input 0 {first.DType}. Cast it first.");
            sum += x.Shape.Sizes[axis];
        }
        if (sum > int.MaxValue) throw new ShapeException($"Concat: {sum:N0} are more than an axis holds.");
        var y = NewTensor(first.Shape.With(axis, (int)sum), first.DType);
        for (int i = 0, start = 0; i < Inputs.Count; i++)
        {
            Part(i, ref start, y.Shape).Write(Input(i).View, y.View);
        }
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var gradients = new Tensor?[Inputs.Count];
        for (int i = 0, start = 0; i < gradients.Length; i++)
        {
            var part = Part(i, ref start, dy.Shape);
            if (Needs(i)) gradients[i] = Apply(new SliceOp(part), dy);
        }
        return gradients;
    }

    private Region Part(int i, ref int start, Shape whole)
    {
        int size = InputShape(i).Sizes[axis];
        var region = new Region(whole, axis, start, size);
        start += size;
        return region;
    }
}
