namespace Engine.Layers;

// The usual ones. t is the number of steps, or epochs, taken.
public sealed partial class Schedule
{
    /// <summary>Always the same.</summary>
    public static Schedule Constant(double factor = 1)
    {
        Fraction(factor, nameof(factor));
        return new(_ => factor);
    }

    /// <summary>gamma^⌊t / size⌋: a stair.</summary>
    /// <param name="size">Steps, or epochs, on each stair.</param>
    /// <param name="gamma">From one stair to the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">size is not positive, or gamma negative or not finite.</exception>
    public static Schedule Step(int size, double gamma = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        Fraction(gamma, nameof(gamma));
        return new(t => Math.Pow(gamma, t / size));
    }

    /// <summary>gamma to the number of milestones that are at t or before it.</summary>
    /// <param name="milestones">Steps, or epochs, in rising order; one that comes twice counts twice.</param>
    /// <param name="gamma">From one milestone on.</param>
    /// <exception cref="ArgumentException">A milestone is negative or before the one before it, or gamma negative or not finite.</exception>
    public static Schedule MultiStep(IReadOnlyList<int> milestones, double gamma = 0.1)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        Fraction(gamma, nameof(gamma));
        int[] at = [.. milestones];
        if (at.Any(m => m < 0) || !at.Order().SequenceEqual(at)) throw new ArgumentException($"The milestones {string.Join(", ", at)} must be 0 or more, in rising order.", nameof(milestones));
        return new(t => Math.Pow(gamma, at.Count(m => m <= t)));
    }

    /// <summary>gamma^t.</summary>
    /// <exception cref="ArgumentOutOfRangeException">gamma is negative or not finite.</exception>
    public static Schedule Exponential(double gamma)
    {
        Fraction(gamma, nameof(gamma));
        return new(t => Math.Pow(gamma, t));
    }

    /// <summary>last + (1 − last)·(1 + cos(π·t / steps)) / 2, and last from there on: half a wave down.</summary>
    /// <param name="steps">Steps, or epochs, until it is down.</param>
    /// <param name="last">The factor there.</param>
    /// <exception cref="ArgumentOutOfRangeException">steps is not positive, or last negative or not finite.</exception>
    /// <remarks>Source: Loshchilov and Hutter 2016, arXiv:1608.03983.</remarks>
    public static Schedule Cosine(int steps, double last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        Fraction(last, nameof(last));
        return new(t => Wave(1, last, (double)t / steps));
    }

    /// <summary>Half a wave down over first steps, then over multiplier times as many, and so on, each from 1 again.</summary>
    /// <param name="first">Steps, or epochs, of the first wave.</param>
    /// <param name="multiplier">How much longer each wave is than the one before it.</param>
    /// <param name="last">The factor that each comes down to.</param>
    /// <exception cref="ArgumentOutOfRangeException">first or multiplier is not positive, or last negative or not finite.</exception>
    /// <remarks>Source: Loshchilov and Hutter 2016, arXiv:1608.03983.</remarks>
    public static Schedule CosineRestarts(int first, int multiplier = 1, double last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(multiplier);
        Fraction(last, nameof(last));
        return new(t =>
        {
            if (multiplier == 1) return Wave(1, last, (double)(t % first) / first);
            double length = first, into = t;
            for (; into >= length; length *= multiplier) into -= length;
            return Wave(1, last, into / length);
        });
    }

    /// <summary>From start to 1 in a line over the first steps, then another schedule from its own beginning.</summary>
    /// <param name="steps">Steps, or epochs, of the line; 0 for none.</param>
    /// <param name="then">What follows; 1 if left out.</param>
    /// <param name="start">The factor of the first step.</param>
    /// <exception cref="ArgumentOutOfRangeException">steps is negative, or start negative or not finite.</exception>
    /// <remarks>Source: Goyal and others 2017, arXiv:1706.02677.</remarks>
    public static Schedule Warmup(int steps, Schedule? then = null, double start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Fraction(start, nameof(start));
        then ??= Constant();
        return new(t => t < steps ? start + (1 - start) * t / steps : then.At(t - steps));
    }

    /// <summary>From 1/divisor up to 1 over a part of the steps, then down to 1 / (divisor·lastDivisor), each by half a wave; the optimizer's rate is the
    /// highest.</summary>
    /// <param name="steps">Steps of the whole cycle; it stays down after them.</param>
    /// <param name="rise">The part of them that goes up.</param>
    /// <param name="divisor">What the first factor is below 1.</param>
    /// <param name="lastDivisor">What the last is below the first.</param>
    /// <param name="linear">Whether it goes in lines instead of waves.</param>
    /// <exception cref="ArgumentOutOfRangeException">steps is under 2, rise outside [0, 1], or a divisor not positive and finite.</exception>
    /// <remarks>The two-phase cycle of PyTorch, without its cycle of the momentum. Source: Smith and Topin 2017, arXiv:1708.07120.</remarks>
    public static Schedule OneCycle(int steps, double rise = 0.3, double divisor = 25, double lastDivisor = 1e4, bool linear = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        if (!(rise >= 0 && rise <= 1)) throw new ArgumentOutOfRangeException(nameof(rise), rise, "It is in [0, 1].");
        foreach (var (value, name) in new[] { (divisor, nameof(divisor)), (lastDivisor, nameof(lastDivisor)) })
            if (!(value > 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, $"{name} is positive and finite.");
        double first = 1 / divisor, last = first / lastDivisor, top = rise * steps - 1, end = steps - 1;
        return new(t => t <= top ? Between(first, 1, top == 0 ? 1 : t / top) : Between(1, last, (t - top) / (end - top)));

        double Between(double from, double to, double part) => linear ? from + (to - from) * Math.Min(part, 1) : Wave(from, to, part);
    }

    /// <summary>last + (1 − last)·(1 − t / steps)^power, and last from there on.</summary>
    /// <param name="steps">Steps, or epochs, until it is down.</param>
    /// <param name="power">1 for a line.</param>
    /// <param name="last">The factor there.</param>
    /// <exception cref="ArgumentOutOfRangeException">steps or power is not positive, or last negative or not finite.</exception>
    public static Schedule Polynomial(int steps, double power = 1, double last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        if (!(power > 0 && double.IsFinite(power))) throw new ArgumentOutOfRangeException(nameof(power), power, "It is positive and finite.");
        Fraction(last, nameof(last));
        return new(t => last + (1 - last) * Math.Pow(1 - (double)Math.Min(t, steps) / steps, power));
    }

    /// <summary>Half a wave from one number to another; the other once the part is 1.</summary>
    private static double Wave(double from, double to, double part) => part >= 1 ? to : to + (from - to) * (1 + Math.Cos(Math.PI * part)) / 2;
}
