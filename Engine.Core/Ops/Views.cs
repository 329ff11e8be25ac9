using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The same numbers in another shape; shares memory.</summary>
    /// <param name="shape">One size may be −1: what is left.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> shape) => Op.Apply(new ReshapeOp(ReshapeOp.Infer(Shape, shape)), this);

    /// <inheritdoc cref="Reshape(ReadOnlySpan{int})"/>
    public Tensor Reshape(Shape shape) => Reshape(shape.Sizes);
}

/// <summary>The same numbers in another shape.</summary>
internal sealed class ReshapeOp(Shape shape) : Op
{
    public override string Name => "Reshape";

    public override long Bytes => 0;

    public override Tensor Forward() => Input(0).Share(0, shape);

    public override Tensor?[] Backward(Tensor dy) => [dy.Reshape(InputShape(0))];

    public static Shape Infer(Shape from, ReadOnlySpan<int> sizes)
    {
        var to = sizes.ToArray();
        int open = Array.IndexOf(to, -1);
        if (open >= 0)
        {
            to[open] = 1;
            int rest = new Shape(to).Count;
            if (rest == 0 || from.Count % rest != 0) throw new ShapeException($"Reshape: {from} has {from.Count} numbers, which the other sizes, {rest} together, do not divide.");
            to[open] = from.Count / rest;
        }
        var shape = new Shape(to);
        if (shape.Count != from.Count) throw new ShapeException($"Reshape: {from} has {from.Count} numbers and {shape} has {shape.Count}.");
        return shape;
    }
}
