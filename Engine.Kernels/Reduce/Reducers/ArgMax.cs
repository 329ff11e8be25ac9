using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>The index of the largest number, the first of several; the first NaN where there is one.</summary>
internal readonly struct ArgMax : IReducer<int>
{
    /// <inheritdoc/>
    public static string Name => "ArgMax";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        int best = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i])) return i;
            if (x[i] > x[best]) best = i;
        }
        return best;
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(float.NegativeInfinity, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index) => Beats(x, s.A) ? new(x, 0f, index) : s;
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t)
    {
        // Neither beats the other: equal, or both NaN.
        if (Beats(t.A, s.A)) return t;
        return Beats(s.A, t.A) || s.I <= t.I ? s : t;
    }
    /// <inheritdoc/>
    public static int Finish(ReduceState s, float scale) => s.I;
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => new(Vector512.Create(float.NegativeInfinity), default, default);
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index)
        => Vector512.IsHardwareAccelerated ? Added(s, x, index) : AddedApart(s, x, index);
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t)
    {
        var later = Vector512.GreaterThanOrEqual(t.I, s.I).AsSingle();
        return Select(Beats(t.A, s.A) | Vector512.AndNot(~later, Beats(s.A, t.A)), t, s);
    }
    /// <inheritdoc/>
    public static Vector512<int> Finish(ReduceVectors s, float scale) => s.I;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReduceVectors Added(ReduceVectors s, Vector512<float> x, Vector512<int> index) => Select(Beats(x, s.A), new(x, s.B, index), s);

    // As in LogSumExp.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReduceVectors AddedApart(in ReduceVectors s, in Vector512<float> x, in Vector512<int> index) => Added(s, x, index);

    private static bool Beats(float x, float best)
    {
        if (float.IsNaN(best)) return false;
        return float.IsNaN(x) || x > best;
    }

    private static Vector512<float> Beats(Vector512<float> x, Vector512<float> best)
        => Vector512.AndNot(Vector512.GreaterThan(x, best) | Vector512.IsNaN(x), Vector512.IsNaN(best));

    private static ReduceVectors Select(Vector512<float> mask, ReduceVectors yes, ReduceVectors no)
        => new(Vector512.ConditionalSelect(mask, yes.A, no.A), no.B, Vector512.ConditionalSelect(mask.AsInt32(), yes.I, no.I));
}
