using System.Diagnostics;
using System.Globalization;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Where a training step's time goes: for each launch of a kernel in order, the time since the one before it, the median over steps.</summary>
public static class StepProfile
{
    public static int Run(int batch = 32, int steps = 200)
    {
        using var device = new CpuDevice();
        var step = new ArticleStep(device, batch);
        for (int i = 0; i < 50; i++) step.Scoped();
        var names = new List<string>();
        var times = new List<List<double>>();
        var totals = new List<double>();
        int at = 0;
        long last = 0;
        device.Launched = kernel =>
        {
            long now = Stopwatch.GetTimestamp();
            if (at == names.Count)
            {
                names.Add(kernel);
                times.Add([]);
            }
            times[at++].Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        };
        long before = GC.GetTotalAllocatedBytes();
        int collections = GC.CollectionCount(0);
        for (int i = 0; i < steps; i++)
        {
            at = 0;
            last = Stopwatch.GetTimestamp();
            long start = last;
            step.Scoped();
            totals.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        Console.WriteLine($"{"ms",8}  kernel");
        double sum = 0;
        for (int i = 0; i < names.Count; i++)
        {
            double median = Median(times[i]);
            sum += median;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{median,8:F3}  {names[i]}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sum,8:F3}  all kernels; a step {Median(totals):F3}, {(GC.GetTotalAllocatedBytes() - before) / steps / 1024.0:F1} KB of garbage a step, {GC.CollectionCount(0) - collections} collections in {steps} steps"));
        return 0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
