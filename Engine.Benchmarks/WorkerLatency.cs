using System.Diagnostics;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>What it costs to share a loop among threads.</summary>
internal static class WorkerLatency
{
    /// <summary>Prints medians of an empty loop of two chunks, and of one whose chunks wait for each other, after pauses of several lengths.</summary>
    public static void Print()
    {
        using var workers = new WorkerPool(2);
        Console.WriteLine("| since the last loop | two empty chunks | two chunks that meet |");
        Console.WriteLine("|---|---|---|");
        foreach (double pause in new[] { 0, 20, 100, 1000, 5000 })
            Console.WriteLine($"| {pause} µs | {Median(pause, () => workers.For(2, _ => { })):F1} µs | {Median(pause, () => Meet(workers)):F1} µs |");
    }

    private static void Meet(WorkerPool workers)
    {
        int arrived = 0;
        workers.For(2, _ =>
        {
            Interlocked.Increment(ref arrived);
            while (Volatile.Read(ref arrived) < 2) Thread.SpinWait(1);
        });
    }

    private static double Median(double pause, Action loop)
    {
        var times = new double[500];
        for (int i = 0; i < times.Length; i++)
        {
            long until = Stopwatch.GetTimestamp() + (long)(pause * Stopwatch.Frequency / 1e6);
            while (Stopwatch.GetTimestamp() < until) { }
            long start = Stopwatch.GetTimestamp();
            loop();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        Array.Sort(times);
        return times[times.Length / 2];
    }
}
