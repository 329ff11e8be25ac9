using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of numbers that should be other numbers.
public static partial class Loss
{
    /// <summary>The mean of (prediction − target)² over every number.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target) => prediction.MeanSquaredError(target);

    /// <summary>(prediction − target)².</summary>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction)
    {
        RequireSame(prediction, target);
        var d = prediction - target;
        return Reduce(d * d, reduction);
    }

    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor L1(Tensor prediction, Tensor target) => L1(prediction, target, Reduction.Mean);

    /// <summary>|prediction − target|.</summary>
    /// <param name="prediction">What the model made.</param>
    /// <param name="target">Float32, of its shape.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ShapeException">The shapes differ, or there are no numbers to average.</exception>
    /// <exception cref="DTypeException">The targets are not Float32.</exception>
    public static Tensor L1(Tensor prediction, Tensor target, Reduction reduction)
    {
        RequireSame(prediction, target);
        return Reduce((prediction - target).Abs(), reduction);
    }

    /// <inheritdoc cref="SmoothL1(Tensor, Tensor, double, Reduction)"/>
    public static Tensor SmoothL1(Tensor prediction, Tensor target) => SmoothL1(prediction, target, 1);

    /// <summary>d² / (2·beta) where |d| is under beta, else |d| − beta/2, with d = prediction − target.</summary>
    /// <param name="prediction">What the model made.</param>
    /// <param name="target">Float32, of its shape.</param>
    /// <param name="beta">Where the square becomes a line; 0 for <see cref="L1(Tensor, Tensor)"/>.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">beta is negative or not finite.</exception>
    /// <remarks>Source: Girshick 2015, arXiv:1504.08083, with PyTorch's beta.</remarks>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor SmoothL1(Tensor prediction, Tensor target, double beta, Reduction reduction = Reduction.Mean)
    {
        RequireSame(prediction, target);
        if (NotNegative(beta, nameof(beta)) == 0) return L1(prediction, target, reduction);
        return Reduce(HuberOf(prediction - target, beta) / beta, reduction);
    }

    /// <inheritdoc cref="Huber(Tensor, Tensor, double, Reduction)"/>
    public static Tensor Huber(Tensor prediction, Tensor target) => Huber(prediction, target, 1);

    /// <summary>d²/2 where |d| is at most delta, else delta·(|d| − delta/2), with d = prediction − target.</summary>
    /// <param name="prediction">What the model made.</param>
    /// <param name="target">Float32, of its shape.</param>
    /// <param name="delta">Where the square becomes a line.</param>
    /// <param name="reduction">What to make of the numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">delta is not positive and finite.</exception>
    /// <remarks>Source: Huber 1964, doi:10.1214/aoms/1177703732.</remarks>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta, Reduction reduction = Reduction.Mean)
    {
        RequireSame(prediction, target);
        return Reduce(HuberOf(prediction - target, Positive(delta, nameof(delta))), reduction);
    }

    /// <summary>With c = d held within ±delta, c·(d − c/2) is both branches, and its derivative is c.</summary>
    private static Tensor HuberOf(Tensor d, double delta)
    {
        var c = d.Clamp(-delta, delta);
        return c * (d - c / 2);
    }
}
