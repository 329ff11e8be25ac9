using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>max(x, 0), the rectified linear unit.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy where x &gt; 0, else 0. Source: Nair and Hinton 2010.</remarks>
    public Tensor Relu() => Op.Apply(new UnaryOp<Relu>(), this);

    /// <summary>x above 0, slope·x elsewhere.</summary>
    /// <param name="slope">The slope below 0.</param>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy where x &gt; 0, else slope·dy. Source: Maas, Hannun and Ng 2013.</remarks>
    public Tensor LeakyRelu(double slope = 0.01) => Op.Apply(new UnaryOp<LeakyRelu>(slope, attributes: FormattableString.Invariant($"slope={slope}")), this);

    /// <summary>x·Φ(x), the Gaussian error linear unit, in its exact form (PyTorch's default), not the tanh approximation.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·(Φ(x) + x·φ(x)). Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.</remarks>
    public Tensor Gelu() => Op.Apply(new UnaryOp<Gelu>(), this);

    /// <summary>σ(x) = 1/(1 + e⁻ˣ), the logistic function.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·y·(1 − y).</remarks>
    public Tensor Sigmoid() => Op.Apply(new UnaryOp<Sigmoid>(), this);

    /// <summary>tanh x, the hyperbolic tangent.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·(1 − y²).</remarks>
    public Tensor Tanh() => Op.Apply(new UnaryOp<Tanh>(), this);

    /// <summary>x·σ(x), the sigmoid linear unit, also called swish.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·σ(x)·(1 + x·(1 − σ(x))). Source: Elfwing, Uchibe and Doya 2017, arXiv:1702.03118.</remarks>
    public Tensor Silu() => Op.Apply(new UnaryOp<Silu>(), this);
}
