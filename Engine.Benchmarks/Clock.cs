using System.Diagnostics;

namespace Engine.Benchmarks;

/// <summary>Times where BenchmarkDotNet would be too much: shares of a peak, rungs of a ladder.</summary>
internal static class Clock
{
    /// <summary>Seconds of one call, the least of several: what the machine can do while nobody disturbs it.</summary>
    public static double Best(Action call, int runs = 15, double atLeast = 0.3)
    {
        call();
        double best = double.MaxValue;
        var total = Stopwatch.StartNew();
        for (int run = 0; run < runs || total.Elapsed.TotalSeconds < atLeast; run++)
        {
            long start = Stopwatch.GetTimestamp();
            call();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
