using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>The loops over pixels go inside: one weight serves a whole row, and the image's border is where the row's loop begins and ends.</summary>
internal static unsafe class Conv2dRows
{
    // y_nkp· += w_kcrs x_n,c,p+r−pad,·+s−pad
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
                            int first = Math.Max(0, z.Pad - s), end = Math.Min(z.Q, z.W + z.Pad - s);
                            for (int p = Math.Max(0, z.Pad - r); p < Math.Min(z.P, z.H + z.Pad - r); p++)
                            {
                                float* to = y + ((n * z.K + k) * z.P + p) * z.Q, from = x + ((n * z.C + c) * z.H + p + r - z.Pad) * z.W + s - z.Pad;
                                for (int q = first; q < end; q++) to[q] += weight * from[q];
                            }
                        }
    }
}
