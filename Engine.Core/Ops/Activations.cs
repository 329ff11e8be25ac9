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

    /// <summary>½x(1 + tanh z) with z = √(2/π)(x + 0.044715x³), the approximation of <see cref="Gelu"/> that GPT-2 was trained with ("gelu_new").</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·(s + x·s·(1 − s)·2z′) with s = σ(2z). Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.</remarks>
    public Tensor GeluTanh() => Op.Apply(new UnaryOp<GeluTanh>(), this);

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

    /// <summary>x above 0, alpha·(eˣ − 1) elsewhere, the exponential linear unit.</summary>
    /// <param name="alpha">What the result tends to far below 0, negated.</param>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy where x &gt; 0, else dy·alpha·eˣ. Source: Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.</remarks>
    public Tensor Elu(double alpha = 1) => Op.Apply(new UnaryOp<Elu>(alpha, attributes: FormattableString.Invariant($"alpha={alpha}")), this);

    /// <summary>1.0507·x above 0, 1.0507·1.6733·(eˣ − 1) elsewhere: the exponential linear unit that keeps mean 0 and variance 1.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: 1.0507·dy where x &gt; 0, else 1.0507·1.6733·dy·eˣ. Source: Klambauer et al. 2017, arXiv:1706.02515.</remarks>
    public Tensor Selu() => Op.Apply(new UnaryOp<Selu>(), this);

    /// <summary>x above 0, alpha·(e^(x/alpha) − 1) elsewhere: an exponential linear unit of slope 1 at 0.</summary>
    /// <param name="alpha">What the result tends to far below 0, negated; not 0.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ArgumentException"><paramref name="alpha"/> is 0 or NaN.</exception>
    /// <remarks>Gradient: dy where x &gt; 0, else dy·e^(x/alpha). Source: Barron 2017, arXiv:1704.07483.</remarks>
    public Tensor Celu(double alpha = 1)
    {
        if (!(Math.Abs(alpha) > 0)) throw new ArgumentException($"Celu: alpha is {alpha}, and x is divided by it. Use Relu for what it tends to at 0.", nameof(alpha));
        return Op.Apply(new UnaryOp<Celu>(alpha, attributes: FormattableString.Invariant($"alpha={alpha}")), this);
    }

    /// <summary>x·tanh(ln(1 + eˣ)).</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·(t + x·(1 − t²)·σ(x)) with t the tanh. Source: Misra 2019, arXiv:1908.08681.</remarks>
    public Tensor Mish() => Op.Apply(new UnaryOp<Mish>(), this);

    /// <summary>ln(1 + e^(beta·x)) / beta, a smooth max(x, 0).</summary>
    /// <param name="beta">How sharply it bends; not 0.</param>
    /// <param name="threshold">Where beta·x is above it, the result is x; there the two differ by less than e^(−threshold) / beta.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ArgumentException"><paramref name="beta"/> is 0 or NaN.</exception>
    /// <remarks>Gradient: dy·σ(beta·x), dy above the threshold. Source: Dugas et al. 2000.</remarks>
    public Tensor Softplus(double beta = 1, double threshold = 20)
    {
        if (!(Math.Abs(beta) > 0)) throw new ArgumentException($"Softplus: beta is {beta}, and the logarithm is divided by it. Its usual value is 1.", nameof(beta));
        return Op.Apply(new UnaryOp<Softplus>(beta, threshold, FormattableString.Invariant($"beta={beta}, threshold={threshold}")), this);
    }

    /// <summary>x/(1 + |x|).</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy/(1 + |x|)².</remarks>
    public Tensor Softsign() => Op.Apply(new UnaryOp<Softsign>(), this);

    /// <summary>(x + 3)/6 held within [0, 1]: a sigmoid of straight lines.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy/6 where −3 &lt; x &lt; 3, else 0. Source: Howard et al. 2019, arXiv:1905.02244.</remarks>
    public Tensor HardSigmoid() => Op.Apply(new UnaryOp<HardSigmoid>(), this);

    /// <summary>x times its <see cref="HardSigmoid"/>.</summary>
    /// <returns>This shape.</returns>
    /// <remarks>Gradient: dy·(x/3 + ½) where −3 &lt; x &lt; 3, 0 below and dy above. Source: Howard et al. 2019, arXiv:1905.02244.</remarks>
    public Tensor HardSwish() => Op.Apply(new UnaryOp<HardSwish>(), this);

    /// <summary>x held within [min, max]; NaN stays NaN.</summary>
    /// <param name="min">The least result.</param>
    /// <param name="max">The greatest result.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ArgumentException"><paramref name="min"/> is not less than <paramref name="max"/>, or one of them is NaN.</exception>
    /// <remarks>Gradient: dy where min &lt; x &lt; max, else 0: unlike <see cref="Clamp"/>'s, 0 at the ends.</remarks>
    public Tensor HardTanh(double min = -1, double max = 1)
    {
        if (!(min < max)) throw new ArgumentException($"HardTanh: min is {min} and max {max}; min must be less, and neither be NaN.", nameof(min));
        return Op.Apply(new UnaryOp<HardTanh>(min, max, FormattableString.Invariant($"min={min}, max={max}")), this);
    }
}
