using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>The formula as it stands. B is read down its columns: a cache line for each number.</summary>
internal static unsafe class MatMulNaive
{
    // C_ij = Σ_p A_ip B_pj
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j];
                c[i * n + j] = sum;
            }
    }
}
