namespace Engine.Layers;

/// <summary>What a learning rate is multiplied with as training goes on: a function of how many steps, or epochs, were taken, and of nothing else. So a
/// run that is resumed needs only that number.</summary>
/// <param name="factor">From the number of steps or epochs taken, 0 at first, to the factor.</param>
public sealed partial class Schedule(Func<long, double> factor)
{
    /// <summary>The factor.</summary>
    /// <param name="step">Steps, or epochs, taken: 0 for the first one to come.</param>
    /// <exception cref="ArgumentOutOfRangeException">step is negative.</exception>
    /// <exception cref="InvalidOperationException">The function gave a number that is negative or not finite.</exception>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        double value = factor(step);
        return value >= 0 && double.IsFinite(value) ? value : throw new InvalidOperationException($"The schedule gave {value} for step {step}: a learning rate's factor is 0 or more, and finite.");
    }

    private static double Fraction(double value, string name)
        => value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 0 or more, and finite.");
}
