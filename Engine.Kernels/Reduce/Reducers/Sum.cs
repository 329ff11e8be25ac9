using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>scale · Σ x; 0 of no numbers.</summary>
internal readonly struct Sum : IReducer<float>
{
    /// <inheritdoc/>
    public static string Name => "Sum";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        double sum = 0;
        foreach (double value in x) sum += value;
        return sum * scale;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(0f, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index) => new(s.A + x, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t) => new(s.A + t.A, 0f, 0);
    /// <inheritdoc/>
    public static float Finish(ReduceState s, float scale) => s.A * scale;
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => default;
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index) => s with { A = s.A + x };
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t) => s with { A = s.A + t.A };
    /// <inheritdoc/>
    public static Vector512<float> Finish(ReduceVectors s, float scale) => s.A * scale;
}
