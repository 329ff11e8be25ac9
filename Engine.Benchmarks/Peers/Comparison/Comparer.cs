using System.Globalization;
using Engine.Benchmarks;

namespace Engine.Peers;

/// <summary>The comparison: all workloads are checked in both libraries, then timed in processes of their own that take turns, one at a time.</summary>
internal static class Comparer
{
    /// <returns>The exit status: 1 where a workload's results differ, or a process failed.</returns>
    /// <exception cref="UsageException">The filter fits nothing, or the file of results cannot be written.</exception>
    public static int Run(Options options)
    {
        Workload[] workloads = [.. All.Workloads.Where(w => options.Takes(w.Name))];
        bool footprint = options.Takes(Footprint.Name);
        if (workloads.Length == 0 && !footprint) throw new UsageException($"--filter {options.Filter} fits no workload. There are:\n{string.Join('\n', All.Workloads.Select(w => w.Name).Append(Footprint.Name))}");
        var file = options.Json is { } path ? new ResultsFile(path) : null;
        int all = Environment.ProcessorCount;
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {all} threads at most, {options}; load before: {Load()}");
        IReadOnlyList<Result> results = workloads.Length == 0 ? [] : Time(workloads, options, all);
        file?.Write(results);
        if (footprint) Footprint.Print(options, all);
        Console.WriteLine($"Load after: {Load()}");
        return results.Count == workloads.Length ? 0 : 1;
    }

    /// <summary>The first table.</summary>
    /// <returns>The lines; none for a workload whose results differ.</returns>
    private static IReadOnlyList<Result> Time(Workload[] workloads, Options options, int all)
    {
        var report = new Report(new Roofline(Math.Max(FmaPeak.GigaFlops(all), FmaPeak.GigaFlops(all)), bytes => MemoryBandwidth.GigaBytes(bytes, all)));
        report.WriteHead();
        var agreeing = new List<Workload>();
        var differences = new List<double>();
        using (var checker = new PeerProcess(["check", all.ToString(CultureInfo.InvariantCulture)], new Setting(Setting.Libtorch, all, Waiting.Passive).Environment))
            foreach (var workload in workloads)
            {
                string answer = checker.Ask(workload.Name);
                if (answer.Split(' ', 2) is not ["agree", var difference])
                {
                    Console.Error.WriteLine($"Not timed. {answer[(answer.IndexOf(' ') + 1)..]}");
                    continue;
                }
                agreeing.Add(workload);
                differences.Add(double.Parse(difference, CultureInfo.InvariantCulture));
            }
        report.WriteAgreement(differences);
        foreach (var workload in agreeing) report.WriteLine(workload, Time(workload, options, all));
        report.WriteSummary();
        return report.Results;
    }

    /// <summary>Finds each library's best setting in a short round, then times these two in turn.</summary>
    private static (PairedTimes Times, Setting Engine, Setting Libtorch) Time(Workload workload, Options options, int all)
    {
        Setting[] settings = [.. Setting.EngineSettings(all), .. Setting.LibtorchSettings(all)];
        var processes = new List<PeerProcess>();
        try
        {
            foreach (var setting in settings)
            {
                processes.Add(PeerProcess.Of(workload, setting, options.WarmUp));
                processes[^1].Answer();
                processes[^1].Settle();
            }
            double[] best = [.. settings.Select(_ => double.MaxValue)];
            for (int round = 0; round < options.Trials; round++)
                for (int i = 0; i < settings.Length; i++) best[i] = Math.Min(best[i], processes[i].Turn(options.Turn));
            int engine = Best(Setting.Engine), libtorch = Best(Setting.Libtorch);
            double[] engines = new double[options.Pairs], libtorchs = new double[options.Pairs];
            for (int pair = 0; pair < options.Pairs; pair++)
            {
                engines[pair] = processes[engine].Turn(options.Turn);
                libtorchs[pair] = processes[libtorch].Turn(options.Turn);
            }
            return (new PairedTimes(engines, libtorchs), settings[engine], settings[libtorch]);

            int Best(string library) => Enumerable.Range(0, settings.Length).Where(i => settings[i].Library == library).MinBy(i => best[i]);
        }
        finally
        {
            foreach (var process in processes) process.Dispose();
        }
    }

    private static string Load() => File.Exists("/proc/loadavg") ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}
