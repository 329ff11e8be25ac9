using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>The formula as it stands. Each multiplication first asks whether it is within the image.</summary>
internal static unsafe class Conv2dNaive
{
    // y_nkpq = Σ_c Σ_r Σ_s w_kcrs x_n,c,p+r−pad,q+s−pad, and x is 0 outside the image
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        for (int n = 0; n < z.N; n++)
            for (int k = 0; k < z.K; k++)
                for (int p = 0; p < z.P; p++)
                    for (int q = 0; q < z.Q; q++)
                    {
                        float sum = 0;
                        for (int c = 0; c < z.C; c++)
                            for (int r = 0; r < z.R; r++)
                                for (int s = 0; s < z.S; s++)
                                {
                                    int h = p + r - z.Pad, v = q + s - z.Pad;
                                    if (h >= 0 && h < z.H && v >= 0 && v < z.W)
                                        sum += w[((k * z.C + c) * z.R + r) * z.S + s] * x[((n * z.C + c) * z.H + h) * z.W + v];
                                }
                        y[((n * z.K + k) * z.P + p) * z.Q + q] = sum;
                    }
    }
}
