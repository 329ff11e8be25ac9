using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Sixteen scores and sixteen exponentials with one instruction: keys are turned, so that the same number of 64 keys lies together. Numbers of a head
/// are filled up to whole vectors with zeros.</summary>
internal static unsafe class AttentionVectors
{
    public const int Keys = 64;

    public static void Run(float* q, float* k, float* v, float* y, AttentionShape z)
    {
        int numbers = MatMulPacked.Up(z.D, 16), keys = MatMulPacked.Up(z.T, Keys);
        using Floats turned = new(z.D * keys), values = new(z.T * numbers), sums = new(numbers);
        for (int head = 0; head < z.Heads; head++)
        {
            int offset = head * z.T * z.D;
            TurnKeys(k + offset, turned.At, z);
            FillUp(v + offset, values.At, z, numbers);
            for (int i = 0; i < z.T; i++) Query(q + offset + i * z.D, turned.At, values.At, sums, y + offset + i * z.D, z);
        }
    }

    /// <summary>(T, D) as blocks (D, 64), zeros behind the last key.</summary>
    public static void TurnKeys(float* k, float* turned, AttentionShape z)
    {
        for (int j = 0; j < MatMulPacked.Up(z.T, Keys); j++)
            for (int d = 0; d < z.D; d++)
                turned[j / Keys * Keys * z.D + d * Keys + j % Keys] = j < z.T ? k[j * z.D + d] : 0;
    }

    /// <summary>(T, D) as (T, numbers), zeros behind a row's end.</summary>
    public static void FillUp(float* v, float* values, AttentionShape z, int numbers)
    {
        for (int j = 0; j < z.T; j++)
        {
            new Span<float>(v + j * z.D, z.D).CopyTo(new Span<float>(values + j * numbers, numbers));
            new Span<float>(values + j * numbers + z.D, numbers - z.D).Clear();
        }
    }

    /// <summary>Weights of a query's 64 scores of the keys from <paramref name="first"/> on, in their place: of those behind the last key they are 0.</summary>
    /// <param name="s">Scores before they are scaled.</param>
    /// <param name="m">The largest so far.</param>
    /// <param name="l">The sum of weights so far, related to <paramref name="m"/>.</param>
    /// <param name="first">The first key.</param>
    /// <param name="z">The whole.</param>
    /// <returns>exp(m before − m now), by which sums so far are multiplied.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Weights(float* s, ref float m, ref float l, int first, AttentionShape z)
    {
        for (int j = z.T - first; j < Keys; j++) s[j] = float.NegativeInfinity;
        var scale = Vector512.Create(z.Scale);
        Vector512<float> s0 = scale * Vector512.Load(s), s1 = scale * Vector512.Load(s + 16), s2 = scale * Vector512.Load(s + 32), s3 = scale * Vector512.Load(s + 48);
        float largest = MathF.Max(m, Largest(Vector512.Max(Vector512.Max(s0, s1), Vector512.Max(s2, s3)))), before = MathF.Exp(m - largest);
        var each = Vector512.Create(largest);
        s0 = Vector512.Exp(s0 - each);
        s1 = Vector512.Exp(s1 - each);
        s2 = Vector512.Exp(s2 - each);
        s3 = Vector512.Exp(s3 - each);
        s0.Store(s);
        s1.Store(s + 16);
        s2.Store(s + 32);
        s3.Store(s + 48);
        l = l * before + Vector512.Sum(s0 + s1 + s2 + s3);
        m = largest;
        return before;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Query(float* q, float* turned, float* values, Floats sums, float* y, AttentionShape z)
    {
        int numbers = MatMulPacked.Up(z.D, 16);
        float* s = stackalloc float[Keys], sum = sums.At;
        float m = float.NegativeInfinity, l = 0;
        sums.Span.Clear();
        for (int first = 0; first < z.T; first += Keys)
        {
            float* keys = turned + first * z.D;
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int d = 0; d < z.D; d++, keys += Keys)
            {
                var each = Vector512.Create(q[d]);
                s0 = Vector512.FusedMultiplyAdd(each, Vector512.Load(keys), s0);
                s1 = Vector512.FusedMultiplyAdd(each, Vector512.Load(keys + 16), s1);
                s2 = Vector512.FusedMultiplyAdd(each, Vector512.Load(keys + 32), s2);
                s3 = Vector512.FusedMultiplyAdd(each, Vector512.Load(keys + 48), s3);
            }
            s0.Store(s);
            s1.Store(s + 16);
            s2.Store(s + 32);
            s3.Store(s + 48);
            var before = Vector512.Create(Weights(s, ref m, ref l, first, z));
            for (int d = 0; d < numbers; d += 16) (before * Vector512.Load(sum + d)).Store(sum + d);
            for (int j = 0; j < Math.Min(Keys, z.T - first); j++)
            {
                var weight = Vector512.Create(s[j]);
                for (int d = 0; d < numbers; d += 16)
                    Vector512.FusedMultiplyAdd(weight, Vector512.Load(values + (first + j) * numbers + d), Vector512.Load(sum + d)).Store(sum + d);
            }
        }
        for (int d = 0; d < z.D; d++) y[d] = sum[d] / l;
    }

    private static float Largest(Vector512<float> x)
    {
        var eight = Vector256.Max(x.GetLower(), x.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }
}
