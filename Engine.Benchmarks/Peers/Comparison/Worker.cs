using System.Diagnostics;
using System.Globalization;
using Engine.Kernels;

namespace Engine.Peers;

/// <summary>The process of one workload in one setting.</summary>
internal static class Worker
{
    private const double SampleSeconds = 2e-4;                      // so that the clock's own time does not count

    private const int SteadyCalls = 40;                             // more than the runtime counts before it compiles a method for good
    private const double MostWarmUpSeconds = 2;

    /// <summary>Warms up and says "ready"; then for each line, a number of seconds, runs for so long and writes the median seconds of a call.</summary>
    public static void Serve(Workload workload, Setting setting, TimeSpan warmUp)
    {
        var run = Prepare(workload, setting).Run;
        var watch = Stopwatch.StartNew();
        int calls = 0;
        for (; calls < 2 || watch.Elapsed < warmUp || calls < SteadyCalls && watch.Elapsed.TotalSeconds < MostWarmUpSeconds; calls++) run();
        int each = Math.Clamp((int)(SampleSeconds / (watch.Elapsed.TotalSeconds / calls)), 1, 1000);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
            Console.WriteLine(Turn(run, each, double.Parse(line, CultureInfo.InvariantCulture)).ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>The workload as the setting's library does it.</summary>
    public static Prepared Prepare(Workload workload, Setting setting)
    {
        if (setting.Library == Setting.Engine) return workload.Engine(setting.Threads == Device.Cpu.Threads ? Device.Cpu : new CpuDevice(setting.Threads));
        TorchSharp.torch.set_num_threads(setting.Threads);
        return workload.Libtorch();
    }

    private static double Turn(Action run, int each, double seconds)
    {
        var times = new List<double>();
        for (var total = Stopwatch.StartNew(); times.Count == 0 || total.Elapsed.TotalSeconds < seconds;)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < each; i++) run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / each);
        }
        return PairedTimes.Median(times);
    }
}
