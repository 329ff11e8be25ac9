using System.Diagnostics;
using System.Globalization;

namespace Engine.Peers;

/// <summary>Starts the peers as processes of their own and lets them run in turn, one at a time: engine, libtorch on one thread, libtorch on all,
/// engine, ... Each round of a case gives a pair: the engine against the better of the two libtorch, of the same moment.</summary>
internal static class Driver
{
    public static int Compare(string[] args)
    {
        int rounds = 15, all = Environment.ProcessorCount;
        if (args is ["--rounds", var given, ..]) (rounds, args) = (int.Parse(given), args[2..]);
        string[] cases = args.Length > 0 ? args : Cases.Names;
        (string Name, int Threads)[] peers = [("engine", all), ("engine", 1), ("libtorch", all), ("libtorch", 1)];
        var processes = Array.ConvertAll(peers, p => Start(p.Name, p.Threads));
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {all} cores, {rounds} rounds; load before: {Load()}");
        Console.WriteLine();
        Console.WriteLine($"| case | engine, {all} threads | engine, 1 thread | libtorch, {all} threads | libtorch, 1 thread | engine at its best / libtorch at its best: median (least to most) |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (string name in cases)
        {
            var losses = new double[peers.Length];
            var times = Array.ConvertAll(peers, _ => new double[rounds]);
            for (int round = -1; round < rounds; round++)           // one for warming up
                for (int peer = 0; peer < peers.Length; peer++)
                {
                    Thread.Sleep(20);                               // until the last one's threads sleep
                    (double seconds, losses[peer]) = Ask(processes[peer], name);
                    if (round >= 0) times[peer][round] = seconds;
                }
            if (losses.Max() - losses.Min() > 1e-3) throw new InvalidOperationException($"{name}: the losses after five steps differ: {string.Join(", ", losses)}.");
            double[] ratios = [.. Enumerable.Range(0, rounds).Select(r => Math.Min(times[0][r], times[1][r]) / Math.Min(times[2][r], times[3][r])).Order()];
            string[] shown = [.. times.Select(t => Show(name, t.Order().ElementAt(rounds / 2)))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", shown)} | {ratios[rounds / 2]:F2} ({ratios[0]:F2} to {ratios[^1]:F2}) |"));
        }
        Console.WriteLine();
        Console.WriteLine($"Load after: {Load()}.");
        foreach (var process in processes)
        {
            process.StandardInput.Close();
            process.WaitForExit();
        }
        return 0;
    }

    private static string Show(string name, double seconds)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:F2} ms");
        if (!name.StartsWith("matmul ", StringComparison.Ordinal)) return time;
        double n = int.Parse(name.Split(' ')[1]);
        return string.Create(CultureInfo.InvariantCulture, $"{time}, {2 * n * n * n / seconds / 1e9:F0} GFLOP/s");
    }

    private static Process Start(string peer, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(Driver).Assembly.Location, peer, threads.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        string preload = Path.Combine(AppContext.BaseDirectory, "libios_base_init.so");
        if (peer == "libtorch" && File.Exists(preload)) start.Environment["LD_PRELOAD"] = preload;
        return Process.Start(start)!;
    }

    private static (double Seconds, double Loss) Ask(Process process, string name)
    {
        process.StandardInput.WriteLine(name);
        process.StandardInput.Flush();
        string answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{string.Join(' ', process.StartInfo.ArgumentList.Skip(1))} ended over '{name}'.");
        double[] numbers = Array.ConvertAll(answer.Split(' '), x => double.Parse(x, CultureInfo.InvariantCulture));
        return (numbers[0], numbers[1]);
    }

    private static string Load() => File.Exists("/proc/loadavg") ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}
