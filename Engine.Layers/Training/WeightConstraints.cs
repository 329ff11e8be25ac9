using Engine.Core;

namespace Engine.Layers;

/// <summary>Holds weights within bounds after the optimizer's step: <c>AfterStep = _ => weight.LimitRowNorms(3)</c> in a <see cref="Trainer"/>.</summary>
public static class WeightConstraints
{
    /// <summary>Scales each row of a weight whose norm is over the greatest allowed down to it: all that flows into one unit, since a weight is
    /// (out, in, …). The other rows keep their bits. It is computed on the device, and nothing is read.</summary>
    /// <param name="weight">A weight of two axes or more.</param>
    /// <param name="maxNorm">The greatest √Σ w² of a row.</param>
    /// <exception cref="ArgumentOutOfRangeException">maxNorm is not positive and finite.</exception>
    /// <exception cref="ShapeException">The weight has no rows.</exception>
    /// <remarks>Keras' MaxNorm. Source: Hinton et al. 2012, arXiv:1207.0580.</remarks>
    public static void LimitRowNorms(this Parameter weight, double maxNorm)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!(maxNorm > 0 && double.IsFinite(maxNorm))) throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "It is positive and finite.");
        if (weight.Shape.Rank < 2) throw new ShapeException($"{weight.Name} {weight.Shape} has no rows to limit. Give it a weight (out, in, …).");
        using var noGrad = NoGrad.Begin();
        using var scope = weight.Value.Device.Scope(nameof(LimitRowNorms));
        Tensor w = weight.Value;
        int[] within = [.. Enumerable.Range(1, w.Rank - 1)];
        // max / max(norm, max) is 1, to the bit, for a row within the bound.
        var factor = maxNorm / (w * w).Sum(within, keepDims: true).Sqrt().Clamp(maxNorm, double.PositiveInfinity);
        InPlace.Copy(w * factor, w);
    }
}
