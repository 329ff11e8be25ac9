using System.Runtime.CompilerServices;

namespace Engine.Benchmarks;

/// <summary>The two inner loops trade places: B and C are read along their rows, and no sum waits for its last addition.</summary>
internal static unsafe class MatMulLoopOrder
{
    // C_i· = Σ_p A_ip B_p·
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++) c[i * n + j] = 0;
            for (int p = 0; p < k; p++)
            {
                float each = a[i * k + p];
                for (int j = 0; j < n; j++) c[i * n + j] += each * b[p * n + j];
            }
        }
    }
}
