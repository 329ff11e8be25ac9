using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>What training makes small: one number from a prediction and its target. Those of two arguments are a <see cref="LossFunction"/> as they
/// are, <c>Loss.CrossEntropy</c>; with settings, <c>(y, t) => Loss.CrossEntropy(y, t, labelSmoothing: 0.1)</c> is one.</summary>
public static partial class Loss
{
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
