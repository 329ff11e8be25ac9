using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>The smallest number; NaN where any is NaN.</summary>
internal readonly struct Min : IReducer<float>
{
    /// <inheritdoc/>
    public static string Name => "Min";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        double best = double.PositiveInfinity;
        foreach (double value in x) best = Math.Min(best, value);
        return best;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(float.PositiveInfinity, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index) => float.IsNaN(x) || x < s.A ? new(x, 0f, 0) : s;
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t) => Add(s, t.A, 0);
    /// <inheritdoc/>
    public static float Finish(ReduceState s, float scale) => s.A;
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => new(Vector512.Create(float.PositiveInfinity), default, default);
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index) => s with { A = Vector512.Min(s.A, x) };
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t) => s with { A = Vector512.Min(s.A, t.A) };
    /// <inheritdoc/>
    public static Vector512<float> Finish(ReduceVectors s, float scale) => s.A;
}
