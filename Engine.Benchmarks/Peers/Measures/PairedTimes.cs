namespace Engine.Peers;

/// <summary>The times of two libraries that took turns: the i-th of each are a pair.</summary>
/// <param name="Engine">Seconds.</param>
/// <param name="Libtorch">Seconds, as many.</param>
internal sealed record PairedTimes(IReadOnlyList<double> Engine, IReadOnlyList<double> Libtorch)
{
    /// <summary>The median of the engine's.</summary>
    public double EngineSeconds { get; } = Median(Engine);

    /// <summary>The median of libtorch's.</summary>
    public double LibtorchSeconds { get; } = Median(Libtorch);

    /// <summary>Libtorch's time over the engine's, pair by pair, in order: above 1 the engine is faster.</summary>
    public IReadOnlyList<double> Ratios { get; } = [.. Libtorch.Zip(Engine, (l, e) => l / e).Order()];

    /// <summary>The median of the pairs' ratios.</summary>
    public double Ratio => Median(Ratios);

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>exp of the mean logarithm.</summary>
    public static double GeometricMean(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));
}
