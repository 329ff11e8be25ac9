using Engine.Kernels;

namespace Engine.Core;

/// <summary>What <see cref="Tensor.Pad"/> puts around the numbers.</summary>
public enum PadMode
{
    /// <summary>One number: c c a b c d c c.</summary>
    Constant,
    /// <summary>The numbers mirrored at the edge, which is not repeated: c b a b c d c b.</summary>
    Reflect,
    /// <summary>The edge: a a a b c d d d.</summary>
    Replicate,
}

public sealed partial class Tensor
{
    /// <summary>This tensor with more numbers before and after those of each axis.</summary>
    /// <param name="padding">How many before and after, one pair an axis, outermost first, aligned at the last axis: of images (N, C, H, W)
    /// two pairs pad rows and columns. (PyTorch lists them from the last axis on.)</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number for <see cref="PadMode.Constant"/>; this tensor's type holds it.</param>
    /// <returns>Each size with what is before and after it; this tensor itself where that is nothing.</returns>
    /// <exception cref="ShapeException">There are more pairs than axes; one is negative; a mirrored axis is not longer than its padding; or a
    /// repeated one is empty.</exception>
    /// <remarks>Gradient: each number of dy is added to the number that it is a copy of.</remarks>
    public Tensor Pad(ReadOnlySpan<(int Before, int After)> padding, PadMode mode = PadMode.Constant, double value = 0)
    {
        var around = PadOp.Resolve(this, padding, mode);
        if (Array.TrueForAll(around, pair => pair is (0, 0))) return this;
        if (mode == PadMode.Constant) return Op.Apply(new PadOp(PadOp.Inside(Shape, around), value), this);
        var y = this;
        for (int axis = 0; axis < Rank; axis++) y = PadOp.Edges(y, axis, around[axis], mode);
        return y;
    }
}

/// <summary>A tensor within a larger one, a number around it.</summary>
internal sealed class PadOp(Region inside, double value) : Op
{
    public override string Name => "Pad";

    public override string Attributes => FormattableString.Invariant($"[{inside}], value={value}");

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = Tensor.Full(inside.Whole, value, x.Device, x.DType);
        inside.Write(x.View, y.View);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [Apply(new SliceOp(inside), dy)];

    /// <summary>A pair for each axis.</summary>
    public static (int Before, int After)[] Resolve(Tensor x, ReadOnlySpan<(int Before, int After)> padding, PadMode mode)
    {
        if (mode is not (PadMode.Constant or PadMode.Reflect or PadMode.Replicate)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such mode.");
        if (padding.Length > x.Rank) throw new ShapeException($"Pad: {padding.Length} pairs for {x.Describe()}, which has {x.Rank} axes.");
        var around = new (int Before, int After)[x.Rank];
        padding.CopyTo(around.AsSpan(x.Rank - padding.Length));
        for (int axis = 0; axis < around.Length; axis++)
        {
            var (before, after) = around[axis];
            int size = x.Shape.Sizes[axis], most = Math.Max(before, after);
            if (before < 0 || after < 0)
                throw new ShapeException($"Pad: axis {axis} of {x.Describe()} is to be padded by ({before}, {after}), and padding is at least 0. Cut with a slice instead, x[.., 1..^1].");
            if ((long)size + before + after > int.MaxValue) throw new ShapeException($"Pad: axis {axis} of {x.Describe()} padded by ({before}, {after}) is more than an axis holds.");
            if (mode == PadMode.Reflect && most > 0 && most >= size)
                throw new ShapeException($"Pad: {most} numbers cannot be mirrored at the edge of axis {axis} of {x.Describe()}, which has {size} with the edge itself. Pad by at most {Math.Max(0, size - 1)}, or use PadMode.Replicate.");
            if (mode == PadMode.Replicate && most > 0 && size == 0) throw new ShapeException($"Pad: axis {axis} of {x.Describe()} is empty and has no edge to repeat.");
        }
        return around;
    }

    /// <summary>Where the numbers lie within the padded shape.</summary>
    public static Region Inside(Shape shape, (int Before, int After)[] around)
    {
        var whole = new Shape([.. around.Select((pair, axis) => shape.Sizes[axis] + pair.Before + pair.After)]);
        return new Region(whole, [.. around.Select(pair => pair.Before)], shape.Sizes.ToArray(), shape);
    }

    /// <summary>One axis with its own numbers at both ends.</summary>
    public static Tensor Edges(Tensor x, int axis, (int Before, int After) around, PadMode mode)
    {
        var (before, after) = around;
        int size = x.Shape.Sizes[axis];
        if (before == 0 && after == 0) return x;
        var parts = new List<Tensor>();
        if (before > 0) parts.Add(mode == PadMode.Reflect ? x.Narrow(axis, 1, before).Flip(axis) : Repeated(0, before));
        parts.Add(x);
        if (after > 0) parts.Add(mode == PadMode.Reflect ? x.Narrow(axis, size - 1 - after, after).Flip(axis) : Repeated(size - 1, after));
        return Tensor.Concat(parts, axis);

        Tensor Repeated(int at, int count) => x.Narrow(axis, at, 1).BroadcastTo(x.Shape.With(axis, count));
    }
}
