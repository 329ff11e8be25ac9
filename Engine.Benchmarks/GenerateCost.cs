using System.Diagnostics;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>What a token costs that a GPT writes, early in a text and late, and a training step of <c>examples -- gpt</c>. Early and late are timed in turn, so that what
/// else the machine does falls on both alike.</summary>
public static class GenerateCost
{
    /// <param name="rounds">Tokens of each.</param>
    public static void Print(int rounds)
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, {rounds} rounds, medians");
        foreach (int width in new[] { 128, 768 })
        {
            var model = GptText.Model(width, Device.Cpu);
            GptText early = new(model, 10), late = new(model, 1000);
            var (first, last) = (new double[rounds], new double[rounds]);
            for (int i = -2; i < rounds; i++)
            {
                double a = Seconds(early.Token), b = Seconds(late.Token);
                if (i >= 0) (first[i], last[i]) = (a, b);
            }
            Console.WriteLine($"{model.Config}: a token at position 10 {Median(first) * 1e3:0.00} ms, at 1,000 {Median(last) * 1e3:0.00} ms");
        }
        var step = new GptStep(Device.Cpu);
        var steps = new double[rounds];
        for (int i = -2; i < rounds; i++)
        {
            double seconds = Seconds(() => step.Run());
            if (i >= 0) steps[i] = seconds;
        }
        Console.WriteLine($"a training step, 12 blocks of 64, 4 layers of 128: {Median(steps) * 1e3:0.0} ms");
    }

    private static double Seconds(Action call)
    {
        long start = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] seconds)
    {
        Array.Sort(seconds);
        return seconds[seconds.Length / 2];
    }
}
