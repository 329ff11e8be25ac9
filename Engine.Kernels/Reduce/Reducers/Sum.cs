namespace Engine.Kernels;

/// <summary>Σ x.</summary>
public readonly struct Sum : IReducer
{
    /// <inheritdoc/>
    public static string Name => "Sum";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double value in x) sum += value;
        return sum;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(0, 0, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index) => new(s.A + x, 0, 0);
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t) => new(s.A + t.A, 0, 0);
    /// <inheritdoc/>
    public static float Finish(ReduceState s, int n) => s.A;
}
