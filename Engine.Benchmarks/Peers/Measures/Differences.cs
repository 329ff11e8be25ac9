using System.Globalization;

namespace Engine.Peers;

/// <summary>How far two libraries' results are apart.</summary>
internal static class Differences
{
    /// <summary>The largest difference of two results, relative to the largest number in libtorch's.</summary>
    /// <exception cref="MismatchException">It is over the tolerance, or there are other numbers of results.</exception>
    public static double Check(string name, float[][] engine, float[][] libtorch, double tolerance)
    {
        if (engine.Length != libtorch.Length) throw new MismatchException($"{name}: the engine gives {engine.Length} results and libtorch {libtorch.Length}.");
        double worst = 0;
        for (int r = 0; r < engine.Length; r++)
        {
            if (engine[r].Length != libtorch[r].Length) throw new MismatchException($"{name}: result {r} has {engine[r].Length} numbers of the engine and {libtorch[r].Length} of libtorch.");
            if (engine[r].Length == 0) throw new MismatchException($"{name}: result {r} is empty, so nothing is compared.");
            double largest = libtorch[r].Max(Math.Abs);
            for (int i = 0; i < engine[r].Length; i++)
            {
                double difference = engine[r][i] == libtorch[r][i] ? 0 : Math.Abs((double)engine[r][i] - libtorch[r][i]) / largest;
                if (!(difference <= tolerance))
                    throw new MismatchException(string.Create(CultureInfo.InvariantCulture,
                        $"{name}: at [{i}] of result {r} the engine gives {engine[r][i]:R} and libtorch {libtorch[r][i]:R}, {difference:0.0e+0} of the largest, {largest:R}, apart; {tolerance:0.0e+0} is allowed."));
                worst = Math.Max(worst, difference);
            }
        }
        return worst;
    }
}

/// <summary>Two libraries do not compute the same, so their times say nothing.</summary>
internal sealed class MismatchException(string message) : Exception(message);
