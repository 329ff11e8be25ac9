namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The mean of (x − target)² over all numbers.</summary>
    /// <param name="target">Of this shape.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ShapeException">The shapes differ, or there are no numbers.</exception>
    /// <remarks>Gradient: dx = dy · 2 (x − target) / n.</remarks>
    public Tensor MeanSquaredError(Tensor target)
    {
        if (target.Shape != Shape)
            throw new ShapeException($"MeanSquaredError: {Describe()} and the target {target.Describe()} must be of one shape. Reshape the target; broadcasting here is a mistake more often than not.");
        if (Count == 0) throw new ShapeException($"MeanSquaredError: {Describe()} has no numbers, and the mean of none means nothing. Leave an empty batch out.");
        var difference = this - target;
        return (difference * difference).Mean();
    }
}
