using Engine.Core;

namespace Engine.Layers;

public sealed partial class Init
{
    /// <summary>The deviation of a normal of deviation 1 cut at ±2: √(1 − 4·φ(2) / (2·Φ(2) − 1)).</summary>
    private const double DeviationWithinTwo = 0.87962566103423978;

    /// <summary>Normal, and nothing outside [mean + a·deviation, mean + b·deviation]: what lies there is not drawn, rather than moved to the ends.</summary>
    /// <param name="mean">Of the normal that is cut.</param>
    /// <param name="deviation">Of the normal that is cut; the numbers' own is less.</param>
    /// <param name="a">Where it begins, in deviations from the mean; −∞ for no beginning.</param>
    /// <param name="b">Where it ends, in deviations from the mean; ∞ for no end.</param>
    /// <exception cref="ArgumentException">a is not below b, or the mean or the deviation not finite, or the deviation negative.</exception>
    /// <remarks>By rejection, which takes a few draws for each number wherever a and b lie. Source: Robert 1995, "Simulation of truncated normal
    /// variables", doi:10.1007/BF00143942.</remarks>
    public static Init TruncatedNormal(double mean = 0, double deviation = 1, double a = -2, double b = 2)
    {
        if (!(a < b)) throw new ArgumentException($"Between {a} and {b} deviations lies no number.", nameof(a));
        if (!double.IsFinite(mean)) throw new ArgumentOutOfRangeException(nameof(mean), mean, "It is finite.");
        if (!(deviation >= 0 && double.IsFinite(deviation))) throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "It is 0 or more, and finite.");
        return new((shape, rng) =>
        {
            var numbers = new double[shape.Count];
            for (int i = 0; i < numbers.Length; i++) numbers[i] = mean + deviation * Truncated(a, b, rng);
            return Tensor.From(numbers, shape);
        });
    }

    /// <summary>A number of the standard normal within [a, b].</summary>
    private static double Truncated(double a, double b, Rng rng)
    {
        if (b < 0) return -Truncated(-b, -a, rng);
        if (a <= 0) return b - a > Math.Sqrt(2 * Math.PI) ? FromNormal(a, b, rng) : FromUniform(a, b, 0, rng);
        // Beyond 0 an exponential from a with the rate that is accepted most often, unless [a, b] is so short that a uniform is better.
        double rate = (a + Math.Sqrt(a * a + 4)) / 2;
        return b - a < Math.Exp(0.5 + (a * a - a * Math.Sqrt(a * a + 4)) / 4) / rate ? FromUniform(a, b, a, rng) : FromExponential(a, b, rate, rng);
    }

    private static double FromNormal(double a, double b, Rng rng)
    {
        while (true)
        {
            // Source: Box and Muller 1958, doi:10.1214/aoms/1177706645.
            double x = Math.Sqrt(-2 * Math.Log(AboveZero(rng))) * Math.Cos(2 * Math.PI * AboveZero(rng));
            if (x >= a && x <= b) return x;
        }
    }

    /// <summary>Of a uniform, as often as the density is of its greatest, which is at <paramref name="top"/>.</summary>
    private static double FromUniform(double a, double b, double top, Rng rng)
    {
        while (true)
        {
            double x = a + (b - a) * AboveZero(rng);
            if (AboveZero(rng) <= Math.Exp((top * top - x * x) / 2)) return x;
        }
    }

    private static double FromExponential(double a, double b, double rate, Rng rng)
    {
        while (true)
        {
            double x = a - Math.Log(AboveZero(rng)) / rate;
            if (x <= b && AboveZero(rng) <= Math.Exp(-(x - rate) * (x - rate) / 2)) return x;
        }
    }

    /// <summary>In (0, 1].</summary>
    private static double AboveZero(Rng rng) => (rng.NextWord() + 1.0) / (1UL << 32);
}
