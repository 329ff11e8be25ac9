using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>A query meets the keys in blocks and keeps its largest score so far, its sum of weights and its sum of weighted values: T numbers of memory where
/// T·T were. Values are read along their rows.</summary>
/// <remarks>Source: Milakov and Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135.</remarks>
internal static unsafe class AttentionRunningSoftmax
{
    private const int Keys = 64;

    // A block with the largest score m': l = l·exp(m − m') + Σ_j exp(s_j − m'),  y = y·exp(m − m') + Σ_j exp(s_j − m') v_j,  m = m'. In the end y / l.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* q, float* k, float* v, float* y, AttentionShape z)
    {
        float* s = stackalloc float[Keys];
        for (int head = 0; head < z.Heads; head++, q += z.T * z.D, k += z.T * z.D, v += z.T * z.D, y += z.T * z.D)
            for (int i = 0; i < z.T; i++)
            {
                float m = float.NegativeInfinity, l = 0;
                for (int d = 0; d < z.D; d++) y[i * z.D + d] = 0;
                for (int first = 0; first < z.T; first += Keys)
                {
                    int end = Math.Min(first + Keys, z.T);
                    float largest = m;
                    for (int j = first; j < end; j++)
                    {
                        float sum = 0;
                        for (int d = 0; d < z.D; d++) sum += q[i * z.D + d] * k[j * z.D + d];
                        s[j - first] = sum * z.Scale;
                        largest = MathF.Max(largest, s[j - first]);
                    }
                    float before = MathF.Exp(m - largest);
                    m = largest;
                    l *= before;
                    for (int d = 0; d < z.D; d++) y[i * z.D + d] *= before;
                    for (int j = first; j < end; j++)
                    {
                        float weight = MathF.Exp(s[j - first] - m);
                        l += weight;
                        for (int d = 0; d < z.D; d++) y[i * z.D + d] += weight * v[j * z.D + d];
                    }
                }
                for (int d = 0; d < z.D; d++) y[i * z.D + d] /= l;
            }
    }
}
