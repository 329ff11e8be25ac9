using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>a + b, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator +(Tensor a, Tensor b) => Op.Apply(new AddOp(), a, b);

    /// <summary>a · b, number by number, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator *(Tensor a, Tensor b) => Op.Apply(new BinaryOp<Multiply>(), a, b);
}
