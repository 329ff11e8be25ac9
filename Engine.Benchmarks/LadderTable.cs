using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>What each rung of a ladder reaches.</summary>
internal static class LadderTable
{
    /// <summary>Prints the ladder's table; refuses a name that is none.</summary>
    public static int Run(string? name)
    {
        using Ladder? ladder = name switch
        {
            "matmul" => new MatMulLadder(),
            "conv2d" => new Conv2dLadder(),
            "attention" => new AttentionLadder(),
            _ => null,
        };
        if (ladder is not null) Print(ladder);
        else Console.Error.WriteLine("Ladders: matmul, conv2d, attention.");
        return ladder is null ? 2 : 0;
    }

    /// <summary>Prints each rung's speed, its share of the FMA peak that the same run measured, and its error against the first; then the engine's.</summary>
    /// <exception cref="InvalidOperationException">A rung is wrong.</exception>
    private static void Print(Ladder ladder)
    {
        int all = Environment.ProcessorCount;
        double one = FmaPeak.GigaFlops(1), together = FmaPeak.GigaFlops(all), first = 0;
        float[]? expected = null;
        Console.WriteLine($"{ladder.Problem}, {CpuDevice.Instructions}; FMA peak {one:F0} GFLOP/s on one thread, {together:F0} on {all}.");
        Console.WriteLine();
        Console.WriteLine("| rung | threads | GFLOP/s | share of the peak | times the first | largest error |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var rung in ladder.Rungs) Line(rung.Name, rung.IsThreaded ? all : 1, rung.Run, ladder.Compute(rung));
        foreach (int threads in new[] { 1, all }.Distinct())
        {
            using var device = new CpuDevice(threads);
            var op = ladder.OnDevice(device);
            Line("the engine", threads, InScope, op().ToArray());

            void InScope()
            {
                using var scope = device.Scope();
                op();
            }
        }

        void Line(string name, int threads, Action run, float[] y)
        {
            expected ??= y;
            double error = y.Zip(expected, (got, want) => Math.Abs(got - want)).Max() / expected.Max(Math.Abs);
            if (!(error < 1e-4)) throw new InvalidOperationException($"{name}: differs from the first rung by {error:E1} of its largest number.");
            double seconds = Clock.Best(run, runs: 1, atLeast: 1);
            if (first == 0) first = seconds;
            double flops = ladder.Flops / seconds / 1e9;
            Console.WriteLine($"| {name} | {threads} | {flops:F1} | {flops / (threads == 1 ? one : together):P1} | {first / seconds:F0} | {error:E0} |");
        }
    }
}
