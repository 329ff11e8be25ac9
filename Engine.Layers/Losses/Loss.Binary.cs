using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of yes and no, each number by itself.
public static partial class Loss
{
    /// <summary>Beyond any logit: no softplus is cut off to a line.</summary>
    private const double NoThreshold = float.MaxValue;

    /// <inheritdoc cref="BinaryCrossEntropyWithLogits(Tensor, Tensor, Tensor?, Reduction)"/>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor targets) => BinaryCrossEntropyWithLogits(logits, targets, null);

    /// <summary>−(w·t·log σ(x) + (1 − t)·log(1 − σ(x))), from softplus, so that no logit is too large.</summary>
    /// <param name="logits">x, before any sigmoid.</param>
    /// <param name="targets">t, Float32 in [0, 1], of the logits' shape.</param>
    /// <param name="positiveWeight">w, how much more a yes counts, of any shape that broadcasts to the logits': (C) for (N, C). 1 if left out.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ShapeException">The shapes differ, the weights do not broadcast to them, or there are no numbers to average.</exception>
    /// <exception cref="DTypeException">The targets are not Float32.</exception>
    /// <remarks>Gradient: dx = σ(x)·(1 − t) − w·t·(1 − σ(x)).</remarks>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor targets, Tensor? positiveWeight, Reduction reduction = Reduction.Mean)
    {
        RequireSame(logits, targets);
        if (positiveWeight is not null && Shape.Broadcast(positiveWeight.Shape, logits.Shape, nameof(BinaryCrossEntropyWithLogits)) != logits.Shape)
            throw new ShapeException($"BinaryCrossEntropyWithLogits: the weights {positiveWeight.Describe()} do not broadcast to {logits.Describe()}, which would have to grow.");
        return Reduce(BinaryOf(logits, targets, positiveWeight), reduction);
    }

    private static Tensor BinaryOf(Tensor x, Tensor t, Tensor? positiveWeight)
    {
        var yes = positiveWeight is null ? t : t * positiveWeight;
        return yes * (-x).Softplus(1, NoThreshold) + (1 - t) * x.Softplus(1, NoThreshold);
    }

    /// <inheritdoc cref="BinaryFocalWithLogits(Tensor, Tensor, double?, double, Reduction)"/>
    public static Tensor BinaryFocalWithLogits(Tensor logits, Tensor targets) => BinaryFocalWithLogits(logits, targets, 0.25);

    /// <summary>α·(1 − p)^γ times the binary cross-entropy, where p is the probability given to what is so: what is sure already counts little.</summary>
    /// <param name="logits">Before any sigmoid.</param>
    /// <param name="targets">Float32, 0 or 1, of the logits' shape; between them, p and α are mixed.</param>
    /// <param name="alpha">α of a yes; a no has 1 − α. Null for none.</param>
    /// <param name="gamma">γ, 0 or more.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">α is outside [0, 1], or γ negative or not finite.</exception>
    /// <remarks>Source: Lin, Goyal, Girshick, He and Dollár 2017, arXiv:1708.02002.</remarks>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor BinaryFocalWithLogits(Tensor logits, Tensor targets, double? alpha, double gamma = 2, Reduction reduction = Reduction.Mean)
    {
        RequireSame(logits, targets);
        if (alpha is { } given && !(given >= 0 && given <= 1)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha is in [0, 1].");
        var each = BinaryOf(logits, targets, null);
        if (NotNegative(gamma, nameof(gamma)) > 0)
        {
            // Held off 0, where a power below 1 has no finite derivative; what is left there is nothing beside the rest.
            var unsure = targets * (-logits).Sigmoid() + (1 - targets) * logits.Sigmoid();
            each *= unsure.Clamp(1e-30, 1).Pow(gamma);
        }
        if (alpha is { } a) each *= targets * (2 * a - 1) + (1 - a);
        return Reduce(each, reduction);
    }

    /// <inheritdoc cref="Hinge(Tensor, Tensor, double, Reduction)"/>
    public static Tensor Hinge(Tensor scores, Tensor targets) => Hinge(scores, targets, 1);

    /// <summary>max(0, margin − target·score): nothing once the score is on the right side by the margin.</summary>
    /// <param name="scores">Of any sign.</param>
    /// <param name="targets">Float32, 1 or −1, of the scores' shape.</param>
    /// <param name="margin">By how much.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The margin is negative or not finite.</exception>
    /// <remarks>Source: Cortes and Vapnik 1995, doi:10.1007/BF00994018.</remarks>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor Hinge(Tensor scores, Tensor targets, double margin, Reduction reduction = Reduction.Mean)
    {
        RequireSame(scores, targets);
        return Reduce((NotNegative(margin, nameof(margin)) - targets * scores).Relu(), reduction);
    }
}
