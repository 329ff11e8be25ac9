using System.Diagnostics;
using System.Globalization;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Where a training step's time goes: for each launch of a kernel in order, the time since the one before it, so that what lies between
/// two kernels counts with the later one.</summary>
public static class StepProfile
{
    /// <param name="lstm">The article's LSTM rather than its convolutional network.</param>
    /// <param name="scoped">Whether a scope gives the step's memory back at its end.</param>
    /// <param name="batch">Examples; with 1, kernels are small and what lies between them shows.</param>
    /// <param name="steps">How many are measured.</param>
    public static int Run(bool lstm, bool scoped, int batch = 32, int steps = 300)
    {
        using var device = new CpuDevice();
        var step = lstm ? ArticleStep.Lstm(device, batch) : ArticleStep.Cnn(device, batch);
        Func<double> run = scoped ? step.Scoped : step.Bare;
        for (int i = 0; i < 100; i++) run();
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
            last = Stopwatch.GetTimestamp();
        };
        long garbage = GC.GetTotalAllocatedBytes();
        int collections = GC.CollectionCount(0);
        for (int i = 0; i < steps; i++)
        {
            at = 0;
            long start = last = Stopwatch.GetTimestamp();
            run();
            totals.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        garbage = (GC.GetTotalAllocatedBytes() - garbage) / steps;
        collections = GC.CollectionCount(0) - collections;

        Console.WriteLine($"{"best ms",8} {"median",8}  kernel");
        for (int i = 0; i < names.Count; i++) Line(times[i], names[i]);
        Line(totals, $"a step, {(scoped ? "scoped" : "bare")}, batch {batch}; the kernels' best together {Show(times.Sum(t => t.Min()))} ms");
        Line([.. Enumerable.Range(0, 50).Select(_ => Time(step.Predict))], "inference");
        Console.WriteLine($"{garbage / 1024.0:F1} KB of garbage a step, {collections} collections in {steps} steps, {device.BytesReserved / 1e6:F1} MB reserved");
        return 0;

        static double Time(Func<object> run)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        static void Line(List<double> times, string what) => Console.WriteLine($"{Show(times.Min()),8} {Show(times.Order().ElementAt(times.Count / 2)),8}  {what}");
        static string Show(double ms) => ms.ToString("F3", CultureInfo.InvariantCulture);
    }
}
