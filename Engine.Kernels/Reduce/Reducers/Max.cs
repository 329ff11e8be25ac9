using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>The largest number; NaN where any is NaN.</summary>
internal readonly struct Max : IReducer<float>
{
    /// <inheritdoc/>
    public static string Name => "Max";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        double best = double.NegativeInfinity;
        foreach (double value in x) best = Math.Max(best, value);
        return best;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(float.NegativeInfinity, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index) => float.IsNaN(x) || x > s.A ? new(x, 0f, 0) : s;
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t) => Add(s, t.A, 0);
    /// <inheritdoc/>
    public static float Finish(ReduceState s, float scale) => s.A;
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => new(Vector512.Create(float.NegativeInfinity), default, default);
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index) => s with { A = Vector512.Max(s.A, x) };
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t) => s with { A = Vector512.Max(s.A, t.A) };
    /// <inheritdoc/>
    public static Vector512<float> Finish(ReduceVectors s, float scale) => s.A;
}
