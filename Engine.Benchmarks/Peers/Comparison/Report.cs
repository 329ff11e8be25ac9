using System.Globalization;

namespace Engine.Peers;

/// <summary>The comparison's table, in Markdown, on the console.</summary>
internal sealed class Report(Roofline machine)
{
    private const double Short = 0.95;

    private readonly List<Result> results = [];

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<Result> Results => results;

    /// <summary>What the machine can do at all.</summary>
    public void WriteHead()
    {
        Console.WriteLine(Invariant($"FMA peak {machine.GigaFlops:F0} GFLOP/s; bandwidth by working set, all threads: {string.Join(", ", machine.Bandwidths.Select(b => Invariant($"{Size(b.Bytes)} {b.GigaBytes:F0} GB/s")))}"));
        Console.WriteLine();
    }

    /// <summary>How far results were apart, and the table's head.</summary>
    public void WriteAgreement(IReadOnlyCollection<double> differences)
    {
        if (differences.Count == 0) return;
        Console.WriteLine(Invariant($"Workloads that agree with libtorch: {differences.Count}; the largest difference is {differences.Max():0.0e+0} of a result's largest number."));
        Console.WriteLine();
        Console.WriteLine("| workload | engine ms (threads) | libtorch ms (threads) | libtorch / engine: median (least to most) | share of the roofline: engine, libtorch | limit |");
        Console.WriteLine("|---|---|---|---|---|---|");
    }

    /// <summary>One workload's line.</summary>
    public void WriteLine(Workload workload, (PairedTimes Times, Setting Engine, Setting Libtorch) timed)
    {
        var times = timed.Times;
        double share = machine.Share(workload.Flops, workload.Bytes, times.EngineSeconds);
        results.Add(new Result(workload.Name, workload.Group, times, share));
        string limit = workload.Flops / machine.GigaFlops > workload.Bytes / machine.GigaBytesOf(workload.Bytes) ? "arithmetic" : Invariant($"{machine.GigaBytesOf(workload.Bytes):F0} GB/s");
        Console.WriteLine(Invariant($"| {workload.Name} | {Milliseconds(times.EngineSeconds)} ({timed.Engine}) | {Milliseconds(times.LibtorchSeconds)} ({timed.Libtorch}) | {times.Ratio:F2} ({times.Ratios[0]:F2} to {times.Ratios[^1]:F2}) | {share:P0}, {machine.Share(workload.Flops, workload.Bytes, times.LibtorchSeconds):P0} | {limit} |"));
    }

    /// <summary>The geometric means, and what is slower than libtorch.</summary>
    public void WriteSummary()
    {
        Console.WriteLine();
        foreach (var group in results.GroupBy(r => r.Group).OrderBy(g => g.Key))
            Console.WriteLine(Invariant($"Geometric mean, {Words(group.Key)}: {PairedTimes.GeometricMean(group.Select(r => r.Times.Ratio)):F2} of {group.Count()}"));
        if (results.Count == 0) return;
        Result[] slower = [.. results.Where(r => r.Times.Ratio < Short)];
        Console.WriteLine(slower.Length == 0 ? $"No workload is under {Short.ToString(CultureInfo.InvariantCulture)}." : $"Under {Short.ToString(CultureInfo.InvariantCulture)}: {string.Join(", ", slower.Select(r => Invariant($"{r.Name} {r.Times.Ratio:F2}")))}");
    }

    private static string Words(Group group) => group switch
    {
        Group.Model => "models",
        Group.Compute => "MatMul, convolution and attention",
        _ => "what is bound by memory",
    };

    private static string Milliseconds(double seconds) => (seconds * 1000).ToString(seconds < 1e-4 ? "F4" : seconds < 1e-2 ? "F3" : "F1", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes < 1 << 20 ? $"{bytes >> 10} KiB" : $"{bytes >> 20} MiB";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
