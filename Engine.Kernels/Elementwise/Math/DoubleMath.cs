namespace Engine.Kernels;

/// <summary>Functions that System.Math lacks, in double precision, for the defining formulas.</summary>
internal static class DoubleMath
{
    /// <summary>Φ(x) = ½ erfc(−x/√2), the normal distribution function.</summary>
    public static double NormalCdf(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2);
        double tail = 0.5 * (z < 2.5 ? 1 - ErfSeries(z) : ErfcFraction(z));
        return x > 0 ? 1 - tail : tail;
    }

    /// <summary>φ(x) = e^(−x²/2) / √2π, the normal density.</summary>
    public static double NormalPdf(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    // erf z = 2/√π e^(−z²) Σ 2ⁿ z^(2n+1) / (1·3·…·(2n+1)). Source: Abramowitz and Stegun, 7.1.6.
    private static double ErfSeries(double z)
    {
        double term = z, sum = z;
        for (int n = 1; term > sum * 1e-17; n++)
        {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum;
    }

    // erfc z = e^(−z²)/√π · 1/(z + ½/(z + 1/(z + 1½/(z + …)))). Source: Abramowitz and Stegun, 7.1.14.
    private static double ErfcFraction(double z)
    {
        if (double.IsNaN(z)) return z;
        double rest = z;
        for (int n = 100; n >= 1; n--) rest = z + 0.5 * n / rest;
        return Math.Exp(-z * z) / (Math.Sqrt(Math.PI) * rest);
    }
}
