using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>For each class a row of zeros with a 1 at its place.</summary>
    /// <param name="classes">How many classes there are; this tensor is Int32, of any shape, each number in 0..classes−1.</param>
    /// <returns>Float32, this shape, then the classes. No gradient.</returns>
    /// <exception cref="DTypeException">This tensor is not Int32.</exception>
    /// <exception cref="IndexException">A class is out of range; on a GPU thrown by the next read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no class.</exception>
    public Tensor OneHot(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        return Op.Apply(new OneHotOp(classes), this);
    }
}

/// <summary>A row of zeros with a 1 for each index.</summary>
internal sealed class OneHotOp(int classes) : Op
{
    public override string Name => "OneHot";

    public override string Attributes => $"classes={classes}";

    public override Tensor Forward()
    {
        var x = Input(0);
        if (x.DType != DType.Int32) throw new DTypeException($"OneHot: the classes {x.Describe()} are {x.DType}, and must be Int32. Cast them.");
        Tensor y = Tensor.Zeros([.. x.Shape.Sizes, classes], x.Device), ones = Tensor.Ones([x.Count], x.Device);
        x.Device.Scatter(ones.View, x.View, y.View, AlongSizes.Merge([x.Count, 1], [x.Count, classes], 1));
        ones.Release(Name);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [null];
}
