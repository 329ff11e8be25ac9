using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Sixteen columns with one instruction; still two loads and a store for each. Without AVX-512 the runtime makes two halves of a Vector512.</summary>
internal static unsafe class MatMulVectors
{
    // C_i,j..j+15 = Σ_p A_ip B_p,j..j+15
    public static void Run(float* a, float* b, float* c, int m, int n, int k) => Part(a, b, c, m, n, k, n);

    /// <summary>A part of C: its first row and column are c's, of rows that are <paramref name="row"/> long in B and C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(float* a, float* b, float* c, int rows, int columns, int k, int row)
    {
        int vectors = columns / 16 * 16;
        for (int i = 0; i < rows; i++)
        {
            new Span<float>(c + i * row, columns).Clear();
            for (int p = 0; p < k; p++)
            {
                var each = Vector512.Create(a[i * k + p]);
                for (int j = 0; j < vectors; j += 16)
                    Vector512.FusedMultiplyAdd(each, Vector512.Load(b + p * row + j), Vector512.Load(c + i * row + j)).Store(c + i * row + j);
                for (int j = vectors; j < columns; j++) c[i * row + j] += a[i * k + p] * b[p * row + j];
            }
        }
    }
}
