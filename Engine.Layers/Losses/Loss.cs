using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>What training makes small: one number from a prediction and its target.</summary>
public static class Loss
{
    /// <summary>The mean over the batch of −log softmax(logits)[class].</summary>
    /// <param name="logits">(N, C), before any softmax.</param>
    /// <param name="classes">(N), Int32 in 0..C−1.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="Engine.Kernels.IndexException">A class is not in 0..C−1.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor classes) => logits.CrossEntropy(classes);

    /// <summary>The mean of (prediction − target)² over every number.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target) => prediction.MeanSquaredError(target);

    /// <summary>Reads a loss, and stops a training that has blown up.</summary>
    /// <param name="loss">One number.</param>
    /// <param name="step">Which step, for the error.</param>
    /// <exception cref="NonFiniteLossException">It is NaN or infinite.</exception>
    public static double FiniteItem(this Tensor loss, int step)
    {
        double value = loss.Item();
        return double.IsFinite(value) ? value : throw new NonFiniteLossException(step, value);
    }
}

/// <summary>A loss that is NaN or infinite: no step after it can be right.</summary>
public sealed class NonFiniteLossException(int step, double value) : Exception(string.Create(CultureInfo.InvariantCulture,
    $"The loss of step {step} is {value}. Lower the learning rate, and look for numbers in that batch that are not finite or not scaled."))
{
    /// <summary>The step whose loss it was.</summary>
    public int Step { get; } = step;

    /// <summary>NaN, or an infinity.</summary>
    public double Value { get; } = value;
}
