using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>log Σ exp x = m + log Σ exp(x − m), where m is the largest x, so that nothing overflows.</summary>
/// <remarks>A is the largest so far, B the sum relative to it: one pass. Source: Milakov and Gimelshein 2018, arXiv:1805.02867.</remarks>
internal readonly struct LogSumExp : IReducer<float>
{
    /// <inheritdoc/>
    public static string Name => "LogSumExp";
    /// <inheritdoc/>
    public static double Reference(ReadOnlySpan<double> x, double scale)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (double value in x) max = Math.Max(max, value);
        if (double.IsInfinity(max)) return max;
        foreach (double value in x) sum += Math.Exp(value - max);
        return max + Math.Log(sum);
    }
    /// <inheritdoc/>
    public static ReduceState Start() => new(float.NegativeInfinity, 0f, 0);
    /// <inheritdoc/>
    public static ReduceState Add(ReduceState s, float x, int index)
    {
        if (x == s.A) return new(s.A, s.B + 1f, 0);                 // also where both are infinite and have no difference
        float e = FloatMath.Exp(-MathF.Abs(x - s.A));
        return x > s.A ? new(x, s.B * e + 1f, 0) : new(s.A, s.B + e, 0);
    }
    /// <inheritdoc/>
    public static ReduceState Merge(ReduceState s, ReduceState t)
    {
        if (t.A == s.A) return new(s.A, s.B + t.B, 0);
        float e = FloatMath.Exp(-MathF.Abs(t.A - s.A));
        return t.A > s.A ? new(t.A, s.B * e + t.B, 0) : new(s.A, s.B + t.B * e, 0);
    }
    /// <inheritdoc/>
    public static float Finish(ReduceState s, float scale) => s.A + FloatMath.Log(s.B);
    /// <inheritdoc/>
    public static ReduceVectors StartVectors() => new(Vector512.Create(float.NegativeInfinity), default, default);
    /// <inheritdoc/>
    public static ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index) => Merge(s, new(x, Vector512<float>.One, default));
    /// <inheritdoc/>
    public static ReduceVectors Merge(ReduceVectors s, ReduceVectors t) => Vector512.IsHardwareAccelerated ? Merged(s, t) : MergedApart(s, t);
    /// <inheritdoc/>
    public static Vector512<float> Finish(ReduceVectors s, float scale) => s.A + VectorMath.Log(s.B);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReduceVectors Merged(ReduceVectors s, ReduceVectors t)
    {
        var e = Vector512.ConditionalSelect(Vector512.Equals(s.A, t.A), Vector512<float>.One, VectorMath.Exp(-Vector512.Abs(t.A - s.A)));
        var larger = Vector512.GreaterThan(t.A, s.A);
        return new(Vector512.ConditionalSelect(larger, t.A, s.A), Vector512.ConditionalSelect(larger, s.B * e + t.B, s.B + t.B * e), default);
    }

    // Without AVX-512, where each operator of vectors is some code, so much of it several times in one method that they would stay calls.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReduceVectors MergedApart(in ReduceVectors s, in ReduceVectors t) => Merged(s, t);
}
