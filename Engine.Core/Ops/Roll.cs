using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The numbers of an axis moved towards its end; what leaves it comes in at its beginning. Copies.</summary>
    /// <param name="shift">By how many; negative ones move towards the beginning, and any more than the axis has go around.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <remarks>Gradient: dy, moved back. <c>x.Flatten().Roll(shift, 0).Reshape(x.Shape)</c> is PyTorch's roll without axes.</remarks>
    public Tensor Roll(int shift, int axis)
    {
        int along = Shape.Axis(axis), size = Shape.Sizes[along];
        return Op.Apply(new RollOp(along, size == 0 ? 0 : (shift % size + size) % size), this);
    }
}

/// <summary>An axis moved around, by 0 to before its size.</summary>
internal sealed class RollOp(int axis, int shift) : Op
{
    public override string Name => "Roll";

    public override string Attributes => $"shift={shift}, axis={axis}";

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape, x.DType);
        int stay = x.Shape.Sizes[axis] - shift;
        Move(x, 0, stay, y, shift);
        Move(x, stay, shift, y, 0);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [dy.Roll(-shift, axis)];

    private void Move(Tensor x, int from, int length, Tensor y, int to)
    {
        if (length == 0 || x.Count == 0) return;
        var strides = x.Shape.Strides();
        View source = x.View.Slice(from * strides[axis], x.Count - from * strides[axis]), destination = y.View.Slice(to * strides[axis], y.Count - to * strides[axis]);
        x.Device.StridedCopy(source, destination, CopySizes.Merge(x.Shape.With(axis, length).Sizes, strides, strides));
    }
}
