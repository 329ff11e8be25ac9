using System.Diagnostics;
using System.Globalization;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>Where the time of BERT-base's encoder and of a training step of BERT mini goes, by kernel, and what loading BERT-base takes.</summary>
public static class BertShare
{
    /// <param name="rounds">Runs of each.</param>
    public static void Print(int rounds)
    {
        using var device = new CpuDevice();
        var (model, ids) = BertEncoderBenchmarks.Make(128, device);
        Time("BERT-base, one sequence of 128", device, rounds, () => model.Predict(ids).ToArray());
        var step = new BertStep(device);
        Time("a training step of BERT mini, 8 of 128", device, rounds, () => step.Run());
        string folder = Directory.CreateTempSubdirectory("bert-").FullName;
        try
        {
            Load(model, ids, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Time(string what, CpuDevice device, int rounds, Action run)
    {
        var kernels = new Dictionary<string, List<double>>();
        var totals = new List<double>();
        for (int i = 0; i < 3; i++) run();
        for (int i = 0; i < rounds; i++)
        {
            var sums = new Dictionary<string, double>();
            long last = 0;
            device.Launched = kernel =>
            {
                long now = Stopwatch.GetTimestamp();
                sums[kernel] = sums.GetValueOrDefault(kernel) + Stopwatch.GetElapsedTime(last, now).TotalMilliseconds;
                last = now;
            };
            long start = last = Stopwatch.GetTimestamp();
            run();
            totals.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            device.Launched = null;
            foreach (var (kernel, ms) in sums)
            {
                if (!kernels.TryGetValue(kernel, out var each)) kernels[kernel] = each = [];
                each.Add(ms);
            }
        }
        Console.WriteLine($"{what}: {device}\n{"best ms",8} {"median",8}  kernel, all launches of it together");
        foreach (var (kernel, each) in kernels.OrderByDescending(k => Median(k.Value))) Line(each, kernel);
        Line(totals, "whole");

        static void Line(List<double> each, string what) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{each.Min(),8:F2} {Median(each),8:F2}  {what}"));
        static double Median(List<double> each) => each.Order().ElementAt(each.Count / 2);
    }

    private static void Load(BertModel model, Tensor ids, string folder)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float16 })
        {
            model.SavePretrained(folder, dtype);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Device.Cpu.Trim();
            long before = Device.Cpu.BytesInUse, start = Stopwatch.GetTimestamp();
            var loaded = BertModel.FromPretrained(folder);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"loading BERT-base of {dtype}: {seconds:F2} s, {(Device.Cpu.BytesInUse - before) / 1e6:F0} MB taken for {model.ParameterCount * 4 / 1e6:F0} MB of weights"));
            start = Stopwatch.GetTimestamp();
            loaded.Predict(ids.To(Device.Cpu)).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  its first sequence {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms"));
        }
    }
}
