using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The same numbers in another shape; shares memory.</summary>
    /// <param name="shape">One size may be −1: what is left.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    [OverloadResolutionPriority(1)]                                 // so that Reshape([2, 3]) is not ambiguous
    public Tensor Reshape(params ReadOnlySpan<int> shape) => Op.Apply(new ReshapeOp(ReshapeOp.Infer(Shape, shape)), this);

    /// <inheritdoc cref="Reshape(ReadOnlySpan{int})"/>
    public Tensor Reshape(Shape shape) => shape.Count == Count ? Op.Apply(new ReshapeOp(shape), this) : Reshape(shape.Sizes);

    /// <summary>The axes from one on as one; shares memory.</summary>
    /// <param name="startAxis">The first axis to merge; negative ones count from the end. 1 keeps the batch.</param>
    /// <returns>A scalar becomes (1).</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Flatten(int startAxis = 0)
    {
        if (Rank == 0) return Reshape(1);
        int axis = Shape.Axis(startAxis);
        return Reshape([.. Shape.Sizes[..axis], Shape.Product(axis, Rank)]);
    }

    /// <summary>Without an axis of size 1; shares memory.</summary>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <exception cref="ShapeException">There is no such axis, or its size is not 1.</exception>
    public Tensor Squeeze(int axis)
    {
        int at = Shape.Axis(axis);
        if (Shape.Sizes[at] != 1) throw new ShapeException($"Squeeze: axis {axis} of {Describe()} has size {Shape.Sizes[at]}, and only an axis of size 1 can be left out.");
        return Reshape([.. Shape.Sizes[..at], .. Shape.Sizes[(at + 1)..]]);
    }

    /// <summary>With a new axis of size 1; shares memory.</summary>
    /// <param name="axis">Where it stands in the result; −1 makes it the last.</param>
    /// <exception cref="ShapeException">The result has no such axis.</exception>
    public Tensor Unsqueeze(int axis)
    {
        int at = axis < 0 ? axis + Rank + 1 : axis;
        if ((uint)at > (uint)Rank) throw new ShapeException($"Unsqueeze: {Describe()} with one axis more has no axis {axis}.");
        return Reshape([.. Shape.Sizes[..at], 1, .. Shape.Sizes[at..]]);
    }
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
        int open = sizes.IndexOf(-1);
        Shape shape;
        if (open < 0)
        {
            shape = new(sizes);
        }
        else
        {
            var to = sizes.ToArray();
            to[open] = 1;
            int rest = new Shape(to).Count;
            if (rest == 0 || from.Count % rest != 0) throw new ShapeException($"Reshape: {from} has {from.Count} numbers, which the other sizes, {rest} together, do not divide.");
            to[open] = from.Count / rest;
            shape = new(to);
        }
        if (shape.Count != from.Count) throw new ShapeException($"Reshape: {from} has {from.Count} numbers and {shape} has {shape.Count}.");
        return shape;
    }
}
