using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Functions of sixteen floats for the processor: the formulas of <see cref="FloatMath"/>, but for tanh and the sigmoid, branch-free.</summary>
/// <remarks>Without AVX-512 each operation here is two in calls of their own, and the compiler stops inlining when a method has 512 locals, which
/// costs a factor of 10 to 50: there the work goes to forms of eight floats. Errors against the double forms, in units of the last place at most: exp and log 1,
/// sigmoid and tanh 3, erf 4, x·Φ(x) 6 from −1 on, and 100 down to −12, where the rounding of x² grows with it. Without AVX2 exp and log are .NET's: exp 3,
/// log 2, tanh 5.</remarks>
internal static partial class VectorMath
{
    /// <inheritdoc cref="FloatMath.Exp"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Exp(x.GetLower()), Exp(x.GetUpper()));
        // Of two operands the native forms give the second where one is a NaN.
        x = Vector512.MinNative(Vector512.Create(FloatMath.ExpMost), x);
        x = Vector512.MaxNative(Vector512.Create(FloatMath.ExpLeast), x);
        var n = Vector512.Round(x * FloatMath.Log2E);
        var r = MultiplyAdd(n, -FloatMath.Ln2Low, MultiplyAdd(n, -FloatMath.Ln2High, x));
        var p = MultiplyAdd(r, FloatMath.E6, Vector512.Create(FloatMath.E5));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E4));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E3));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E2));
        p = MultiplyAdd(p, r, Vector512<float>.One);
        p = MultiplyAdd(p, r, Vector512<float>.One);
        if (Avx512F.IsSupported) return Avx512F.Scale(p, n);        // p · 2ⁿ
        var whole = Vector512.ConvertToInt32Native(n);
        var half = whole >> 1;
        return p * Power2(half) * Power2(whole - half);
    }

    /// <inheritdoc cref="FloatMath.Log"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Log(x.GetLower()), Log(x.GetUpper()));
        var small = Vector512.LessThan(x, Vector512.Create(FloatMath.LeastNormal));
        var bits = Vector512.ConditionalSelect(small, x * 8388608f, x).AsInt32();
        var exponent = (bits - Vector512.Create(FloatMath.RootHalfBits)) >> 23;
        var n = Vector512.ConvertToSingle(exponent - (small.AsInt32() & Vector512.Create(23)));
        var f = (bits - (exponent << 23)).AsSingle() - Vector512<float>.One;
        var s = f / (f + Vector512.Create(2f));
        var s2 = s * s;
        var rest = MultiplyAdd(s2, 2f / 9, Vector512.Create(2f / 7));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 5));
        rest = s2 * MultiplyAdd(rest, s2, Vector512.Create(2f / 3));
        var y = MultiplyAdd(n, FloatMath.Ln2High, f - (s * (f - rest) - n * FloatMath.Ln2Low));
        y = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), Vector512.Create(float.NaN), y);
        y = Vector512.ConditionalSelect(Vector512.Equals(x, Vector512<float>.Zero), Vector512.Create(float.NegativeInfinity), y);
        // ∞ and NaN are their own logarithms.
        return Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512.Create(float.MaxValue)), y, x);
    }

    /// <summary>1/(1 + e⁻ˣ), with its accuracy kept far below 0; left of −87, where floats lose theirs, it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Sigmoid(x.GetLower()), Sigmoid(x.GetUpper()));
        var y = Reciprocal(Vector512<float>.One + Exp(-x));
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87f)), Vector512<float>.Zero, y);
    }

    /// <summary>tanh |x| = t/(t + 2) with t = e^(2|x|) − 1. With 2|x| = n ln 2 + r it is t = 2ⁿ(eʳ − 1) + (2ⁿ − 1), which is accurate near 0 too, where n is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Tanh(x.GetLower()), Tanh(x.GetUpper()));
        // Of two operands the native forms give the second where one is a NaN.
        var u = Vector512.MinNative(Vector512.Create(TanhEnd), Vector512.Abs(x + x));
        var n = Vector512.Round(u * FloatMath.Log2E);
        var r = MultiplyAdd(n, -(FloatMath.Ln2High + FloatMath.Ln2Low), u);     // of so few n that one product is accurate enough
        var p = MultiplyAdd(r, FloatMath.E6, Vector512.Create(FloatMath.E5));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E4));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E3));
        p = MultiplyAdd(p, r, Vector512.Create(FloatMath.E2));
        p = MultiplyAdd(p, r * r, r);
        var scale = Power2(Vector512.ConvertToInt32Native(n));
        var t = MultiplyAdd(p, scale, scale - Vector512<float>.One);
        // Near 1 it is 1 − 2/(t + 2), whose last bit is right, as 1 − tanh² x needs it.
        Vector512<float> two = Vector512.Create(2f), reciprocal = Reciprocal(t + two);
        var y = Vector512.ConditionalSelect(Vector512.LessThan(t, two), t * reciprocal, MultiplyAdd(reciprocal, -2f, Vector512<float>.One));
        return y | (x & Vector512.Create(-0f));
    }

    /// <summary>tanh of half of it is 1.</summary>
    private const float TanhEnd = 20f;

    /// <inheritdoc cref="FloatMath.NormalCdf"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalCdf(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return Vector512.Create(NormalCdf(x.GetLower()), NormalCdf(x.GetUpper()));
        var u = Vector512.Abs(x);
        var tail = NormalPieces.Cdf(u);
        // Seldom. Not in a call: the loop would keep its numbers on the stack for it.
        if (Vector512.GreaterThanOrEqualAny(u, Vector512.Create(NormalPieces.End)))
            tail = Vector512.ConditionalSelect(Vector512.LessThan(u, Vector512.Create(NormalPieces.End)), tail, NormalTail(u));
        return Mirror(x, tail);
    }

    /// <summary>The derivative of x Φ(x), Φ(x) + x φ(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluDerivative(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return NormalCdf(x) + x * NormalPdf(x);
        var u = Vector512.Abs(x);
        var tail = NormalPieces.GeluDerivative(u);
        if (Vector512.GreaterThanOrEqualAny(u, Vector512.Create(NormalPieces.End)))
            tail = Vector512.ConditionalSelect(Vector512.LessThan(u, Vector512.Create(NormalPieces.End)), tail, NormalTail(u) - u * NormalPdf(u));
        return Mirror(x, tail);
    }

    /// <summary>f(x) by f(−|x|), where f(x) + f(−x) = 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mirror(Vector512<float> x, Vector512<float> tail)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One - tail, tail);

    /// <summary>Φ(−u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> NormalTail(Vector512<float> u)
    {
        u = Vector512.MinNative(Vector512.Create(FloatMath.TailEnd), u);
        var p = MultiplyAdd(u, FloatMath.P4, Vector512.Create(FloatMath.P3));
        p = MultiplyAdd(p, u, Vector512.Create(FloatMath.P2));
        p = MultiplyAdd(p, u, Vector512.Create(FloatMath.P1));
        p = MultiplyAdd(p, u, Vector512.Create(FloatMath.P0));
        var q = MultiplyAdd(u, FloatMath.Q5, Vector512.Create(FloatMath.Q4));
        q = MultiplyAdd(q, u, Vector512.Create(FloatMath.Q3));
        q = MultiplyAdd(q, u, Vector512.Create(FloatMath.Q2));
        q = MultiplyAdd(q, u, Vector512.Create(FloatMath.Q1));
        q = MultiplyAdd(q, u, Vector512<float>.One);
        return Exp(u * u * -0.5f) * Quotient(p, q);
    }

    /// <inheritdoc cref="FloatMath.NormalPdf"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalPdf(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(NormalPdf(x.GetLower()), NormalPdf(x.GetUpper()));
        return Exp(x * x * -0.5f) * FloatMath.InverseRootTwoPi;
    }

    /// <inheritdoc cref="FloatMath.Expm1"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Expm1(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Expm1(x.GetLower()), Expm1(x.GetUpper()));
        var p = MultiplyAdd(x, 1f / 40320, Vector512.Create(1f / 5040));
        p = MultiplyAdd(p, x, Vector512.Create(1f / 720));
        p = MultiplyAdd(p, x, Vector512.Create(1f / 120));
        p = MultiplyAdd(p, x, Vector512.Create(1f / 24));
        p = MultiplyAdd(p, x, Vector512.Create(1f / 6));
        p = MultiplyAdd(p, x, Vector512.Create(1f / 2));
        p = MultiplyAdd(p, x, Vector512.Create(1f));
        return Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(x), Vector512.Create(0.5f)), x * p, Exp(x) - Vector512<float>.One);
    }

    /// <inheritdoc cref="FloatMath.Softplus"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Softplus(x.GetLower()), Softplus(x.GetUpper()));
        var u = Exp(-Vector512.Abs(x));
        var s = u / (u + Vector512.Create(2f));
        var s2 = s * s;
        var rest = MultiplyAdd(s2, 2f / 15, Vector512.Create(2f / 13));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 11));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 9));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 7));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 5));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f / 3));
        rest = MultiplyAdd(rest, s2, Vector512.Create(2f));
        return Vector512.Max(x, Vector512<float>.Zero) + s * rest;
    }

    /// <inheritdoc cref="FloatMath.TanhSoftplus"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> TanhSoftplus(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(TanhSoftplus(x.GetLower()), TanhSoftplus(x.GetUpper()));
        Vector512<float> one = Vector512<float>.One, u = Exp(-Vector512.Abs(x)), n = u * (u + Vector512.Create(2f)), two = u + u;
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), (one + two) / (one + two * (one + u)), n / (n + Vector512.Create(2f)));
    }

    /// <inheritdoc cref="FloatMath.Erf"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        if (!Vector512.IsHardwareAccelerated) return Vector512.Create(Erf(x.GetLower()), Erf(x.GetUpper()));
        var x2 = x * x;
        var p = MultiplyAdd(x2, 1f / 9360, Vector512.Create(-1f / 1320));
        p = MultiplyAdd(p, x2, Vector512.Create(1f / 216));
        p = MultiplyAdd(p, x2, Vector512.Create(-1f / 42));
        p = MultiplyAdd(p, x2, Vector512.Create(1f / 10));
        p = MultiplyAdd(p, x2, Vector512.Create(-1f / 3));
        p = MultiplyAdd(p, x2, Vector512.Create(1f));
        var u = Vector512.Abs(x);
        var y = (Vector512<float>.One - NormalCdf(u * -FloatMath.RootTwo) * 2f) | (x & Vector512.Create(-0f));
        return Vector512.ConditionalSelect(Vector512.LessThan(u, Vector512.Create(0.5f)), x * FloatMath.TwoOverRootPi * p, y);
    }

    /// <summary>xᵃ for one exponent: a product where a is 1, 2 or 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Pow(Vector512<float> x, float a)
        => a == 2 ? x * x : a == 1 ? x : a == 3 ? x * x * x : Pow(x, Vector512.Create(a));

    /// <summary>xᵃ = ±e^(a ln |x|), the exponential and the logarithm in double precision; with the special values of IEEE 754.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<float> Pow(Vector512<float> x, Vector512<float> a)
    {
        Vector512<float> one = Vector512<float>.One, u = Vector512.Abs(x), infinity = Vector512.Create(float.PositiveInfinity);
        var (uLow, uHigh) = Vector512.Widen(u);
        var (aLow, aHigh) = Vector512.Widen(a);
        var y = Vector512.Narrow(Vector512.Exp(aLow * Vector512.Log(uLow)), Vector512.Exp(aHigh * Vector512.Log(uHigh)));
        var whole = Vector512.Equals(Vector512.Floor(a), a);
        var odd = Vector512.AndNot(whole, Vector512.Equals(Vector512.Floor(a * 0.5f), a * 0.5f));
        y |= odd & x & Vector512.Create(-0f);
        var undefined = Vector512.AndNot(Vector512.LessThan(x, Vector512<float>.Zero) & Vector512.LessThan(u, infinity), whole);
        y = Vector512.ConditionalSelect(undefined, Vector512.Create(float.NaN), y);
        var always = Vector512.Equals(a, Vector512<float>.Zero) | Vector512.Equals(x, one) | (Vector512.Equals(u, one) & Vector512.Equals(Vector512.Abs(a), infinity));
        return Vector512.ConditionalSelect(always, one, y);
    }

    /// <summary>1/x for x that is neither 0 nor infinite, to about one rounding: an estimate of 14 bits and one step of Newton's, at a third of a division's cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Reciprocal(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return Vector512<float>.One / x;
        var y = Avx512F.Reciprocal14(x);
        return MultiplyAdd(y, MultiplyAdd(-x, y, Vector512<float>.One), y);
    }

    /// <summary>a/b for such b, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Quotient(Vector512<float> a, Vector512<float> b)
    {
        if (!Avx512F.IsSupported) return a / b;
        Vector512<float> reciprocal = Avx512F.Reciprocal14(b), y = a * reciprocal;
        return MultiplyAdd(MultiplyAdd(-y, b, a), reciprocal, y);
    }

    /// <summary>a·b + c, in one rounding where the processor does that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> MultiplyAdd(Vector512<float> a, float b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, Vector512.Create(b), c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Power2(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();
}
