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

    /// <summary>erf x = 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    public static double Erf(double x)
    {
        double z = Math.Abs(x);
        return Math.CopySign(z < 2.5 ? ErfSeries(z) : 1 - ErfcFraction(z), x);
    }

    /// <summary>eˣ − 1, accurate near 0 too: what rounding eˣ loses is lost from its logarithm as well. Source: Kahan, in Higham 2002, section 1.14.</summary>
    public static double Expm1(double x)
    {
        double e = Math.Exp(x);
        return e == 1 ? x : e - 1 == -1 || double.IsInfinity(e) ? e - 1 : (e - 1) * x / Math.Log(e);
    }

    /// <summary>ln(1 + u), u not negative, accurate near 0 by the same means.</summary>
    public static double LogOnePlus(double u)
    {
        double v = 1 + u;
        return v == 1 ? u : Math.Log(v) * u / (v - 1);
    }

    /// <summary>ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)).</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x)));

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
