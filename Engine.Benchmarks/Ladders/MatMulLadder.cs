using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>One kernel from naive to fast, a rung at a time: each changes one thing, and is checked against the first.</summary>
/// <remarks>C = A·B, all N×N and row-major, on one thread. What the engine runs is Engine.Kernels/MatMul/Gemm.cs.</remarks>
internal static unsafe class MatMulLadder
{
    private const int N = 512;

    private delegate void Rung(float* a, float* b, float* c);

    /// <summary>Prints each rung's speed and its share of the machine's peak.</summary>
    public static void Print()
    {
        float[] a = Numbers(1), b = Numbers(2), c = new float[N * N], expected = new float[N * N];
        double peak = FmaPeak.GigaFlops(1);
        Console.WriteLine($"{N}x{N} · {N}x{N} on one thread; FMA peak {peak:F1} GFLOP/s");
        Console.WriteLine();
        Console.WriteLine("| rung | GFLOP/s | share of the peak | times the first | worst error against the first |");
        Console.WriteLine("|---|---|---|---|---|");
        double first = 0;
        foreach (var (name, rung) in new (string, Rung)[]
        {
            ("naive: i, j, p", Naive), ("loop order: i, p, j", LoopOrder), ("sixteen columns in a vector", Vectors),
            ("a tile of C in registers", RegisterTile), ("the tile's operands packed", Packed),
        })
        {
            double seconds;
            fixed (float* pa = a, pb = b, pc = c)
            {
                nint A = (nint)pa, B = (nint)pb, C = (nint)pc;
                seconds = Clock.Best(() => rung((float*)A, (float*)B, (float*)C), runs: 3);
            }
            if (first == 0)
            {
                first = seconds;
                c.CopyTo(expected, 0);
            }
            double flops = 2.0 * N * N * N / seconds / 1e9, error = c.Zip(expected, (x, y) => Math.Abs(x - y)).Max();
            Console.WriteLine($"| {name} | {flops:F1} | {flops / peak:P1} | {first / seconds:F0} | {error:E1} |");
            if (error > 1e-3) throw new InvalidOperationException($"{name} is wrong.");
        }
    }

    // The formula: C_ij = Σ_p A_ip B_pj. B is read down its columns, a cache line for each number.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Naive(float* a, float* b, float* c)
    {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
            {
                float sum = 0;
                for (int p = 0; p < N; p++) sum += a[i * N + p] * b[p * N + j];
                c[i * N + j] = sum;
            }
    }

    // The two inner loops trade places: B and C are read along their rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoopOrder(float* a, float* b, float* c)
    {
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++) c[i * N + j] = 0;
            for (int p = 0; p < N; p++)
            {
                float each = a[i * N + p];
                for (int j = 0; j < N; j++) c[i * N + j] += each * b[p * N + j];
            }
        }
    }

    // Sixteen columns with one instruction; still two loads and a store for each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors(float* a, float* b, float* c)
    {
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j += 16) Vector512<float>.Zero.Store(c + i * N + j);
            for (int p = 0; p < N; p++)
            {
                var each = Vector512.Create(a[i * N + p]);
                for (int j = 0; j < N; j += 16)
                    Vector512.FusedMultiplyAdd(each, Vector512.Load(b + p * N + j), Vector512.Load(c + i * N + j)).Store(c + i * N + j);
            }
        }
    }

    // Four rows by two vectors of C stay in registers over all of p: each number loaded serves several multiplications.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RegisterTile(float* a, float* b, float* c)
    {
        for (int i = 0; i < N; i += 4)
            for (int j = 0; j < N; j += 32) Tile(a + i * N, 1, N, b + j, N, c + i * N + j);
    }

    // The same tile, but what it reads lies together: 32 columns of B in one panel, four rows of A in another.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Packed(float* a, float* b, float* c)
    {
        float[] panelOfB = new float[N * 32], panelsOfA = new float[N * N];
        fixed (float* pb = panelOfB, pa = panelsOfA)
        {
            for (int i = 0; i < N; i++)
                for (int p = 0; p < N; p++) pa[i / 4 * 4 * N + p * 4 + i % 4] = a[i * N + p];
            for (int j = 0; j < N; j += 32)
            {
                for (int p = 0; p < N; p++) new Span<float>(b + p * N + j, 32).CopyTo(new Span<float>(pb + p * 32, 32));
                for (int i = 0; i < N; i += 4) Tile(pa + i * N, 4, 1, pb, 32, c + i * N + j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, int aColumn, int aRow, float* b, int bRow, float* c)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (int p = 0; p < N; p++, a += aColumn, b += bRow)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + 16), row = Vector512.Create(a[0]);
            c00 = Vector512.FusedMultiplyAdd(row, left, c00);
            c01 = Vector512.FusedMultiplyAdd(row, right, c01);
            row = Vector512.Create(a[aRow]);
            c10 = Vector512.FusedMultiplyAdd(row, left, c10);
            c11 = Vector512.FusedMultiplyAdd(row, right, c11);
            row = Vector512.Create(a[2 * aRow]);
            c20 = Vector512.FusedMultiplyAdd(row, left, c20);
            c21 = Vector512.FusedMultiplyAdd(row, right, c21);
            row = Vector512.Create(a[3 * aRow]);
            c30 = Vector512.FusedMultiplyAdd(row, left, c30);
            c31 = Vector512.FusedMultiplyAdd(row, right, c31);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c10.Store(c + N);
        c11.Store(c + N + 16);
        c20.Store(c + 2 * N);
        c21.Store(c + 2 * N + 16);
        c30.Store(c + 3 * N);
        c31.Store(c + 3 * N + 16);
    }

    private static float[] Numbers(int seed) => [.. Enumerable.Range(0, N * N).Select(i => (i * seed * 37L % 101) / 50f - 1)];
}
