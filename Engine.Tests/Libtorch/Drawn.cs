using System.Globalization;

namespace Engine.Libtorch;

/// <summary>Random shapes and numbers of the tests, all from one seed: the environment's SEED, else the clock's.</summary>
public static class Drawn
{
    public static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : Environment.TickCount & 0xFFFF;

    /// <summary>The random numbers of one case, whichever others are run.</summary>
    public static Random For(int number) => new(Seed * 1000 + number);

    public static bool Flip(this Random random) => random.Next(2) == 0;

    /// <summary>In [−1, 1).</summary>
    public static double[] Numbers(this Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];

    /// <summary>The most that two lists of numbers differ by; NaN where one is NaN.</summary>
    public static double Difference(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Assert.That(a.Length, Is.EqualTo(b.Length));
        double most = 0;
        for (int i = 0; i < a.Length; i++) most = Math.Max(most, Math.Abs(a[i] - b[i]));
        return most;
    }
}
