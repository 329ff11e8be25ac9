using System.Globalization;

namespace Engine.Core;

/// <summary>One format for all numbers that are printed together: as few decimals as they need, at most four, or exponents where their
/// sizes differ much.</summary>
internal static class NumberFormat
{
    private const int MostDecimals = 4;

    public static string[] Format(double[] numbers, bool isFloat)
    {
        string format = isFloat ? Choose(numbers) : "F0";
        return Array.ConvertAll(numbers, x => Word(x, format));
    }

    private static string Choose(double[] numbers)
    {
        double least = double.PositiveInfinity, most = 0;
        int decimals = 0;
        foreach (double x in numbers)
        {
            if (!double.IsFinite(x) || x == 0) continue;
            double size = Math.Abs(x);
            (least, most) = (Math.Min(least, size), Math.Max(most, size));
            while (decimals < MostDecimals && Math.Round(x, decimals) != Math.Round(x, MostDecimals)) decimals++;
        }
        bool spread = most >= 1e8 || (decimals > 0 && (least < 1e-4 || most / least > 1e5));
        return spread || (decimals == 0 && least < 1e-4) ? "0.0000e+00" : "F" + decimals.ToString(CultureInfo.InvariantCulture);
    }

    private static string Word(double x, string format)
        => double.IsNaN(x) ? "nan"
            : double.IsInfinity(x) ? (x > 0 ? "inf" : "-inf")
            : (x == 0 ? 0 : x).ToString(format, CultureInfo.InvariantCulture);
}
