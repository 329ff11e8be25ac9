using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>The formula as it stands: all weights of a head are in memory before the first is used.</summary>
internal static unsafe class AttentionNaive
{
    // s_ij = q_i·k_j / √D,  p_ij = exp(s_ij − max_j s_ij) / Σ_j exp(s_ij − max_j s_ij),  y_i = Σ_j p_ij v_j
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* q, float* k, float* v, float* y, AttentionShape z)
    {
        using Floats weights = new(z.T * z.T);
        float* p = weights.At;
        for (int head = 0; head < z.Heads; head++, q += z.T * z.D, k += z.T * z.D, v += z.T * z.D, y += z.T * z.D)
        {
            for (int i = 0; i < z.T; i++)
                for (int j = 0; j < z.T; j++)
                {
                    float sum = 0;
                    for (int d = 0; d < z.D; d++) sum += q[i * z.D + d] * k[j * z.D + d];
                    p[i * z.T + j] = sum * z.Scale;
                }
            for (int i = 0; i < z.T; i++)
            {
                float largest = float.NegativeInfinity, sum = 0;
                for (int j = 0; j < z.T; j++) largest = MathF.Max(largest, p[i * z.T + j]);
                for (int j = 0; j < z.T; j++) sum += p[i * z.T + j] = MathF.Exp(p[i * z.T + j] - largest);
                for (int j = 0; j < z.T; j++) p[i * z.T + j] /= sum;
            }
            for (int i = 0; i < z.T; i++)
                for (int d = 0; d < z.D; d++)
                {
                    float sum = 0;
                    for (int j = 0; j < z.T; j++) sum += p[i * z.T + j] * v[j * z.D + d];
                    y[i * z.D + d] = sum;
                }
        }
    }
}
