using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>What training leaves to the garbage collector: managed bytes for a step and for a node of the graph, collections, and the pool's bytes.</summary>
public static class GarbageShare
{
    private const int WarmUp = 50;

    /// <summary>Prints a line for each model.</summary>
    /// <param name="steps">How many are measured.</param>
    /// <param name="models">Which; all where none is named.</param>
    public static void Print(int steps, IReadOnlyCollection<string> models)
    {
        Console.WriteLine($"{steps} steps after {WarmUp}; KB are 1024 bytes of the managed heap, all threads together. ResNet-18 on 2 images of 16 x 16, the others as in the comparison with libtorch.");
        Console.WriteLine($"{"",-12} {"KB a step",10} {"nodes",6} {"KB a node",10} {"gen 0",6} {"gen 1",6} {"gen 2",6} {"pool MB",8} {"ms a step",10}");
        foreach (var (name, make) in new (string, Func<Device, Func<double>>)[]
        {
            ("CNN", device => ArticleStep.Cnn(device, 32).Scoped),
            ("CNN bare", device => ArticleStep.Cnn(device, 32).Bare),
            ("LSTM", device => ArticleStep.Lstm(device, 32).Scoped),
            ("BERT mini", device => new BertStep(device).Run),
            ("GPT", device => new GptStep(device).Run),
            ("ResNet-18", device => new ResNetStep(device, batch: 2, side: 16).Run),
        })
        {
            if (models.Count > 0 && !models.Contains(name)) continue;
            using var device = new CpuDevice();
            Print(name, device, make(device), steps);
        }
    }

    private static void Print(string name, CpuDevice device, Func<double> step, int steps)
    {
        for (int i = 0; i < WarmUp; i++) step();
        int nodes = 0;
        device.Applied = _ => nodes += NoGrad.Recording ? 1 : 0;    // backward passes record nothing
        step();
        device.Applied = null;
        GC.Collect();
        int[] before = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < steps; i++) step();
        double milliseconds = clock.Elapsed.TotalMilliseconds / steps, kilobytes = (GC.GetTotalAllocatedBytes(precise: true) - bytes) / 1024.0 / steps;
        // A collection of a generation counts for the younger ones too.
        int[] counts = [.. before.Select((count, generation) => GC.CollectionCount(generation) - count)];
        Console.WriteLine($"{name,-12} {kilobytes,10:F1} {nodes,6} {kilobytes / nodes,10:F2} {counts[0] - counts[1],6} {counts[1] - counts[2],6} {counts[2],6} {device.BytesReserved / 1e6,8:F1} {milliseconds,10:F2}");
    }
}
