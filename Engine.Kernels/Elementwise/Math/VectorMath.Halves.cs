using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

// The same formulas for eight floats.
internal static partial class VectorMath
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x)
    {
        var e = Vector256.Exp(-Vector256.Abs(x));
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), e, Vector256<float>.One) / (Vector256<float>.One + e);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Tanh(Vector256<float> x)
    {
        var u = Vector256.Abs(x);
        var t = Vector256.Exp(u * -2f);
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
        var t = Vector256<float>.One / MultiplyAdd(Vector256.Abs(x), Vector256.Create(0.25f), 1f);
        var q = MultiplyAdd(t, Vector256.Create(FloatMath.Q8), FloatMath.Q7);
        q = MultiplyAdd(q, t, FloatMath.Q6);
        q = MultiplyAdd(q, t, FloatMath.Q5);
        q = MultiplyAdd(q, t, FloatMath.Q4);
        q = MultiplyAdd(q, t, FloatMath.Q3);
        q = MultiplyAdd(q, t, FloatMath.Q2);
        q = MultiplyAdd(q, t, FloatMath.Q1);
        q = MultiplyAdd(q, t, FloatMath.Q0);
        var tail = Vector256.Exp(x * x * -0.5f) * t * q;
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), Vector256<float>.One - tail, tail);
    }

    private static Vector256<float> NormalPdf(Vector256<float> x) => Vector256.Exp(x * x * -0.5f) * FloatMath.InverseRootTwoPi;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, float c) => Vector256.MultiplyAddEstimate(a, b, Vector256.Create(c));
}
