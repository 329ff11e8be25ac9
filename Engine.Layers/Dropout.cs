using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>While training, sets each number to 0 with probability p and divides the rest by 1 − p; at inference, nothing.</summary>
/// <remarks>Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".</remarks>
public sealed class Dropout : Layer
{
    private readonly double p;

    /// <summary>A layer that drops.</summary>
    /// <param name="p">The probability, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public Dropout(double p = 0.5)
    {
        if (!(p >= 0 && p < 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "A probability to drop is in [0, 1).");
        this.p = p;
    }

    /// <inheritdoc/>
    protected override string Settings => p.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => pass.Training && p > 0 ? x.Dropout(p, pass.Rng) : x;
}
