using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>scale · Σ (x − mean)²: the variance, where scale is one over the count or over one less.</summary>
/// <remarks>A is the mean so far, B the sum of squared deviations from it, I the count. Sources: Welford 1962,
/// doi:10.1080/00401706.1962.10490022; the merge is Chan, Golub and LeVeque 1979.</remarks>
internal readonly struct SquaredDeviations : IReducer<float>
{
    /// <inheritdoc/>
    public static string Name => "SquaredDeviations";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        double mean = 0, sum = 0;
        foreach (double value in x) mean += value / x.Length;
        foreach (double value in x) sum += (value - mean) * (value - mean);
        return sum * scale;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(0f, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index)
    {
        float delta = x - s.A, mean = s.A + delta / (s.I + 1);
        return new(mean, s.B + delta * (x - mean), s.I + 1);
    }
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t)
    {
        int count = s.I + t.I;
        float delta = t.A - s.A, share = count == 0 ? 0f : (float)t.I / count;
        return new(s.A + delta * share, s.B + t.B + delta * delta * share * s.I, count);
    }
    /// <inheritdoc/>
    public static float Finish(ReduceState s, float scale) => s.B * scale;
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => default;
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index)
    {
        var count = s.I + Vector512<int>.One;
        var delta = x - s.A;
        var mean = s.A + delta / Vector512.ConvertToSingle(count);
        return new(mean, s.B + delta * (x - mean), count);
    }
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t)
    {
        var count = s.I + t.I;
        var delta = t.A - s.A;
        var share = Vector512.ConvertToSingle(t.I) / Vector512.ConvertToSingle(Vector512.Max(count, Vector512<int>.One));
        return new(s.A + delta * share, s.B + t.B + delta * delta * share * Vector512.ConvertToSingle(s.I), count);
    }
    /// <inheritdoc/>
    public static Vector512<float> Finish(ReduceVectors s, float scale) => s.B * scale;
}
