using System.Diagnostics;
using System.Globalization;

namespace Engine.Peers;

/// <summary>The process of one peer: reads a case's name, runs it for a while, writes the median of its seconds and the loss of its fifth step, by which the peers are
/// checked against each other.</summary>
internal static class Runner
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(150);

    public static void Serve(IPeer peer)
    {
        var made = new Dictionary<string, (Func<float> Run, float Fifth)>();
        while (Console.ReadLine() is { } name)
        {
            if (!made.TryGetValue(name, out var one))
            {
                one.Run = Cases.Make(peer, name);
                for (int i = 0; i < 5; i++) one.Fifth = one.Run();
                made[name] = one;
                var warm = Stopwatch.StartNew();
                while (warm.Elapsed.TotalSeconds < 1) one.Run();       // tiered compilation, caches, memory pools
            }
            var times = new List<double>();
            for (var total = Stopwatch.StartNew(); total.Elapsed < Long || times.Count < 5;)
            {
                long start = Stopwatch.GetTimestamp();
                one.Run();
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:R} {one.Fifth:R}"));
        }
    }
}
