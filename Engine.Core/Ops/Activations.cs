using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>max(x, 0), the rectified linear unit.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy where x &gt; 0, else 0. Source: Nair and Hinton 2010.</remarks>
    public Tensor Relu() => Op.Apply(new UnaryOp<Relu>(), this);
}
