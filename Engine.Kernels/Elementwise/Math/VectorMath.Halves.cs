using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

// The formulas of FloatMath for eight floats.
internal static partial class VectorMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exp(Vector256<float> x)
    {
        if (!Vector256.IsHardwareAccelerated) return Vector256.Exp(x);
        // Of two operands the native forms give the second where one is a NaN.
        x = Vector256.MinNative(Vector256.Create(FloatMath.ExpMost), x);
        x = Vector256.MaxNative(Vector256.Create(FloatMath.ExpLeast), x);
        var n = Vector256.Round(x * FloatMath.Log2E);
        var r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-FloatMath.Ln2High), x);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-FloatMath.Ln2Low), r);
        var p = MultiplyAdd(r, Vector256.Create(FloatMath.E6), FloatMath.E5);
        p = MultiplyAdd(p, r, FloatMath.E4);
        p = MultiplyAdd(p, r, FloatMath.E3);
        p = MultiplyAdd(p, r, FloatMath.E2);
        p = MultiplyAdd(p, r, 1f);
        p = MultiplyAdd(p, r, 1f);
        var whole = Vector256.ConvertToInt32Native(n);
        var half = whole >> 1;
        return p * Power2(half) * Power2(whole - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Log(Vector256<float> x)
    {
        if (!Vector256.IsHardwareAccelerated) return Vector256.Log(x);
        var small = Vector256.LessThan(x, Vector256.Create(FloatMath.LeastNormal));
        var bits = Vector256.ConditionalSelect(small, x * 8388608f, x).AsInt32();
        var exponent = (bits - Vector256.Create(FloatMath.RootHalfBits)) >> 23;
        var n = Vector256.ConvertToSingle(exponent - (small.AsInt32() & Vector256.Create(23)));
        var f = (bits - (exponent << 23)).AsSingle() - Vector256<float>.One;
        var s = f / (f + Vector256.Create(2f));
        var s2 = s * s;
        var rest = MultiplyAdd(s2, Vector256.Create(2f / 9), 2f / 7);
        rest = MultiplyAdd(rest, s2, 2f / 5);
        rest = s2 * MultiplyAdd(rest, s2, 2f / 3);
        var y = Vector256.MultiplyAddEstimate(n, Vector256.Create(FloatMath.Ln2High), f - (s * (f - rest) - n * FloatMath.Ln2Low));
        y = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), Vector256.Create(float.NaN), y);
        y = Vector256.ConditionalSelect(Vector256.Equals(x, Vector256<float>.Zero), Vector256.Create(float.NegativeInfinity), y);
        return Vector256.ConditionalSelect(Vector256.LessThanOrEqual(x, Vector256.Create(float.MaxValue)), y, x);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x)
    {
        var e = Exp(-Vector256.Abs(x));
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), e, Vector256<float>.One) / (Vector256<float>.One + e);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Tanh(Vector256<float> x)
    {
        var u = Vector256.Abs(x);
        var t = Exp(u * -2f);
        var y = (Vector256<float>.One - t) / (Vector256<float>.One + t) | (x & Vector256.Create(-0f));
        var x2 = x * x;
        var p = MultiplyAdd(x2, Vector256.Create(62f / 2835), -17f / 315);
        p = MultiplyAdd(p, x2, 2f / 15);
        p = MultiplyAdd(p, x2, -1f / 3);
        return Vector256.ConditionalSelect(Vector256.LessThan(u, Vector256.Create(0.25f)), x * MultiplyAdd(p, x2, 1f), y);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> NormalCdf(Vector256<float> x)
    {
        var u = Vector256.Min(Vector256.Abs(x), Vector256.Create(FloatMath.TailEnd));
        var p = MultiplyAdd(u, Vector256.Create(FloatMath.P4), FloatMath.P3);
        p = MultiplyAdd(p, u, FloatMath.P2);
        p = MultiplyAdd(p, u, FloatMath.P1);
        p = MultiplyAdd(p, u, FloatMath.P0);
        var q = MultiplyAdd(u, Vector256.Create(FloatMath.Q5), FloatMath.Q4);
        q = MultiplyAdd(q, u, FloatMath.Q3);
        q = MultiplyAdd(q, u, FloatMath.Q2);
        q = MultiplyAdd(q, u, FloatMath.Q1);
        q = MultiplyAdd(q, u, 1f);
        var tail = Exp(x * x * -0.5f) * (p / q);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), Vector256<float>.One - tail, tail);
    }

    private static Vector256<float> NormalPdf(Vector256<float> x) => Exp(x * x * -0.5f) * FloatMath.InverseRootTwoPi;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Expm1(Vector256<float> x)
    {
        var p = MultiplyAdd(x, Vector256.Create(1f / 40320), 1f / 5040);
        p = MultiplyAdd(p, x, 1f / 720);
        p = MultiplyAdd(p, x, 1f / 120);
        p = MultiplyAdd(p, x, 1f / 24);
        p = MultiplyAdd(p, x, 1f / 6);
        p = MultiplyAdd(p, x, 1f / 2);
        p = MultiplyAdd(p, x, 1f);
        return Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(x), Vector256.Create(0.5f)), x * p, Exp(x) - Vector256<float>.One);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Softplus(Vector256<float> x)
    {
        var u = Exp(-Vector256.Abs(x));
        var s = u / (u + Vector256.Create(2f));
        var s2 = s * s;
        var rest = MultiplyAdd(s2, Vector256.Create(2f / 15), 2f / 13);
        rest = MultiplyAdd(rest, s2, 2f / 11);
        rest = MultiplyAdd(rest, s2, 2f / 9);
        rest = MultiplyAdd(rest, s2, 2f / 7);
        rest = MultiplyAdd(rest, s2, 2f / 5);
        rest = MultiplyAdd(rest, s2, 2f / 3);
        rest = MultiplyAdd(rest, s2, 2f);
        return Vector256.Max(x, Vector256<float>.Zero) + s * rest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> TanhSoftplus(Vector256<float> x)
    {
        Vector256<float> one = Vector256<float>.One, u = Exp(-Vector256.Abs(x)), n = u * (u + Vector256.Create(2f)), two = u + u;
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), (one + two) / (one + two * (one + u)), n / (n + Vector256.Create(2f)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Erf(Vector256<float> x)
    {
        var x2 = x * x;
        var p = MultiplyAdd(x2, Vector256.Create(1f / 9360), -1f / 1320);
        p = MultiplyAdd(p, x2, 1f / 216);
        p = MultiplyAdd(p, x2, -1f / 42);
        p = MultiplyAdd(p, x2, 1f / 10);
        p = MultiplyAdd(p, x2, -1f / 3);
        p = MultiplyAdd(p, x2, 1f);
        var u = Vector256.Abs(x);
        var y = (Vector256<float>.One - NormalCdf(u * -FloatMath.RootTwo) * 2f) | (x & Vector256.Create(-0f));
        return Vector256.ConditionalSelect(Vector256.LessThan(u, Vector256.Create(0.5f)), x * FloatMath.TwoOverRootPi * p, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, float c) => Vector256.MultiplyAddEstimate(a, b, Vector256.Create(c));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Power2(Vector256<int> n) => ((n + Vector256.Create(127)) << 23).AsSingle();
}
