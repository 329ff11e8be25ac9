using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>|x|.</summary>
    /// <remarks>Gradient: dy · sign(x), 0 at 0.</remarks>
    public Tensor Abs() => Op.Apply(new UnaryOp<Abs>(), this);

    /// <summary>eˣ.</summary>
    /// <remarks>Gradient: dy·y.</remarks>
    public Tensor Exp() => Op.Apply(new UnaryOp<Exp>(), this);

    /// <summary>ln x: −∞ at 0, NaN below.</summary>
    /// <remarks>Gradient: dy/x.</remarks>
    public Tensor Log() => Op.Apply(new UnaryOp<Log>(), this);

    /// <summary>√x: NaN below 0.</summary>
    /// <remarks>Gradient: dy/2y.</remarks>
    public Tensor Sqrt() => Op.Apply(new UnaryOp<Sqrt>(), this);

    /// <summary>1/√x: ∞ at 0, NaN below.</summary>
    /// <remarks>Gradient: −dy·y³/2.</remarks>
    public Tensor Rsqrt() => Op.Apply(new UnaryOp<Rsqrt>(), this);

    /// <summary>erf x = 2/√π ∫₀ˣ e^(−t²) dt, the error function.</summary>
    /// <remarks>Gradient: dy·2/√π·e^(−x²).</remarks>
    public Tensor Erf() => Op.Apply(new UnaryOp<Erf>(), this);

    /// <summary>sin x, x in radians; accurate for every float, NaN at ±∞.</summary>
    /// <remarks>Gradient: dy·cos x.</remarks>
    public Tensor Sin() => Op.Apply(new UnaryOp<Sin>(), this);

    /// <summary>cos x, x in radians; accurate for every float, NaN at ±∞.</summary>
    /// <remarks>Gradient: −dy·sin x.</remarks>
    public Tensor Cos() => Op.Apply(new UnaryOp<Cos>(), this);

    /// <summary>The greatest whole number that is not above x.</summary>
    /// <remarks>Gradient: 0.</remarks>
    public Tensor Floor() => Op.Apply(new UnaryOp<Floor>(), this);

    /// <summary>The least whole number that is not below x.</summary>
    /// <remarks>Gradient: 0.</remarks>
    public Tensor Ceil() => Op.Apply(new UnaryOp<Ceil>(), this);

    /// <summary>The whole number nearest to x; of two that are equally near the even one, so that 0.5 gives 0 and 1.5 gives 2.</summary>
    /// <remarks>Gradient: 0.</remarks>
    public Tensor Round() => Op.Apply(new UnaryOp<Round>(), this);

    /// <summary>1 where x &gt; 0, −1 where x &lt; 0, else 0, of a NaN too.</summary>
    /// <remarks>Gradient: 0.</remarks>
    public Tensor Sign() => Op.Apply(new UnaryOp<Sign>(), this);

    /// <summary>x held within [min, max]; NaN stays NaN.</summary>
    /// <param name="min">The least result; −∞ for none.</param>
    /// <param name="max">The greatest result; ∞ for none.</param>
    /// <exception cref="ArgumentException"><paramref name="min"/> is greater than <paramref name="max"/>, or one of them is NaN.</exception>
    /// <remarks>Gradient: dy where x lies within, the ends included, else 0.</remarks>
    public Tensor Clamp(double min, double max)
    {
        if (!(min <= max)) throw new ArgumentException($"Clamp: min is {min} and max {max}; min must not be greater, nor either be NaN.", nameof(min));
        return Op.Apply(new UnaryOp<Clamp>(min, max, FormattableString.Invariant($"min={min}, max={max}")), this);
    }
}
