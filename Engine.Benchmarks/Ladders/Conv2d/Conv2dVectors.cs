using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Sixteen pixels of a row with one instruction; still two loads and a store for each, and a row's rest goes by eight, then one by one.</summary>
internal static unsafe class Conv2dVectors
{
    // y_nkp,q..q+15 += w_kcrs x_n,c,p+r−pad,q+s−pad..
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        new Span<float>(y, z.N * z.K * z.P * z.Q).Clear();
        for (int n = 0; n < z.N; n++)
            for (int k = 0; k < z.K; k++)
                for (int c = 0; c < z.C; c++)
                    for (int r = 0; r < z.R; r++)
                        for (int s = 0; s < z.S; s++)
                        {
                            float weight = w[((k * z.C + c) * z.R + r) * z.S + s];
                            var weights = Vector512.Create(weight);
                            int first = Math.Max(0, z.Pad - s), end = Math.Min(z.Q, z.W + z.Pad - s);
                            for (int p = Math.Max(0, z.Pad - r); p < Math.Min(z.P, z.H + z.Pad - r); p++)
                            {
                                float* to = y + ((n * z.K + k) * z.P + p) * z.Q, from = x + ((n * z.C + c) * z.H + p + r - z.Pad) * z.W + s - z.Pad;
                                int q = first;
                                for (; q + 16 <= end; q += 16) Vector512.FusedMultiplyAdd(weights, Vector512.Load(from + q), Vector512.Load(to + q)).Store(to + q);
                                for (; q + 8 <= end; q += 8) (weights.GetLower() * Vector256.Load(from + q) + Vector256.Load(to + q)).Store(to + q);
                                for (; q < end; q++) to[q] += weight * from[q];
                            }
                        }
    }
}
