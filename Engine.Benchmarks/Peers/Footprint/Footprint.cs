using System.Globalization;

namespace Engine.Peers;

/// <summary>The second table: start-up, memory, and bytes on disk.</summary>
internal static class Footprint
{
    /// <summary>What --filter looks at for the whole table.</summary>
    public const string Name = "startup, memory, size";

    private const double Tolerance = 1e-4;

    /// <exception cref="PeerException">An app was not published, or failed.</exception>
    /// <exception cref="MismatchException">The apps do not predict the same.</exception>
    public static void Print(Options options, int threads)
    {
        Console.WriteLine();
        using var published = new PublishedApps();
        var apps = published.Publish();
        string weights = published.Weights;
        var runs = apps.Select(_ => new List<(TimeSpan First, double Peak)>()).ToArray();
        for (int round = -1; round < 2 * options.Pairs; round++)    // one so that files are in the system's cache
        {
            var scores = new float[apps.Count];
            for (int i = 0; i < apps.Count; i++)
            {
                var (lines, first) = apps[i].Run(weights);
                scores[i] = float.Parse(lines[0], CultureInfo.InvariantCulture);
                if (round >= 0) runs[i].Add((first, double.Parse(lines[1], CultureInfo.InvariantCulture)));
            }
            for (int i = 0; i < apps.Count - 1; i++) Differences.Check(apps[i].Name, [[scores[i]]], [[scores[^1]]], Tolerance);
        }
        var steps = Steps(apps, weights, options);

        Console.WriteLine($"| | {string.Join(" | ", apps.Select(a => a.Name))} |");
        Console.WriteLine($"|---|{string.Concat(apps.Select(_ => "---|"))}");
        Line("start of the process to the first prediction of the CNN b1, ms: median (least)", i => string.Create(CultureInfo.InvariantCulture, $"{PairedTimes.Median([.. runs[i].Select(r => r.First.TotalMilliseconds)]):F0} ({runs[i].Min(r => r.First.TotalMilliseconds):F0})"));
        Line("peak resident memory of that, MB", i => Megabytes(PairedTimes.Median([.. runs[i].Select(r => r.Peak)])));
        Line("published app, MB", i => Megabytes(apps[i].Bytes));
        Line("a step of the CNN's training b32, ms: median (least)", i => i >= steps.Count ? "" : string.Create(CultureInfo.InvariantCulture, $"{1e3 * PairedTimes.Median(steps[i]):F2} ({1e3 * steps[i].Min():F2})"));
        Line("that by the first app's, turn by turn: median (least to most)", i => i >= steps.Count ? "" : Show([.. steps[i].Zip(steps[0], (app, first) => app / first).Order()]));
        Console.WriteLine();
        if (apps.Any(a => a.Set == PublishedApps.Least))
            Console.WriteLine($"{PublishedApps.Least} is what NativeAOT takes where no set is named: vectors of four numbers, where AVX2's have eight and AVX-512's sixteen, and a multiplication and an addition where those have one instruction for both.");
        Console.WriteLine();

        Console.WriteLine("| peak resident memory | engine, MB | libtorch, MB | engine / libtorch |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var workload in All.Workloads.Where(w => w.Name.Contains(" training ", StringComparison.Ordinal)))
        {
            double engine = Peak(workload, new(Setting.Engine, threads)), libtorch = Peak(workload, Setting.LibtorchSettings(threads).First(s => s.Waiting != Waiting.Active));
            Console.WriteLine($"| {workload.Name} | {Megabytes(engine)} | {Megabytes(libtorch)} | {(engine / libtorch).ToString("F2", CultureInfo.InvariantCulture)} |");
        }

        void Line(string what, Func<int, string> value) => Console.WriteLine($"| {what} | {string.Join(" | ", Enumerable.Range(0, apps.Count).Select(value))} |");
    }

    /// <summary>The median seconds of a step of training in each app's turns; the apps that train stand first, and take turns.</summary>
    private static List<List<double>> Steps(IReadOnlyList<PublishedApp> apps, string weights, Options options)
    {
        var running = new List<PeerProcess>();
        try
        {
            foreach (var app in apps.TakeWhile(a => a.Trains))
            {
                running.Add(app.Train(weights, options.TrainingWarmUp));
                running[^1].Answer();
                running[^1].Settle();
            }
            var steps = running.Select(_ => new List<double>()).ToList();
            for (int round = 0; round < 2 * options.Pairs; round++)
                for (int i = 0; i < running.Count; i++) steps[i].Add(running[i].Turn(2 * options.Turn));
            return steps;
        }
        finally
        {
            running.ForEach(r => r.Dispose());
        }
    }

    /// <summary>The process of <see cref="Peak"/>: trains for so many steps and writes the most memory that it had.</summary>
    public static void Train(Workload workload, Setting setting)
    {
        const int Steps = 10;
        var run = Worker.Prepare(workload, setting).Run;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);    // the arrays that the numbers came in
        for (int i = 0; i < Steps; i++) run();
        Console.WriteLine(PeakMemory.Bytes().ToString(CultureInfo.InvariantCulture));
    }

    private static double Peak(Workload workload, Setting setting)
    {
        using var process = new PeerProcess(["train", workload.Name, setting.Library, setting.Threads.ToString(CultureInfo.InvariantCulture)], setting.Environment);
        return double.Parse(process.Answer(), CultureInfo.InvariantCulture);
    }

    private static string Show(double[] ratios) => string.Create(CultureInfo.InvariantCulture, $"{PairedTimes.Median(ratios):F2} ({ratios[0]:F2} to {ratios[^1]:F2})");

    private static string Megabytes(double bytes) => (bytes / 1e6).ToString("F1", CultureInfo.InvariantCulture);
}
