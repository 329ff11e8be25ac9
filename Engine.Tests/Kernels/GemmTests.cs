using Engine.Kernels;

namespace Engine.Tests;

public unsafe class GemmTests
{
    private static readonly int[] Sizes = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 28, 31, 32, 33, 65];

    public static IEnumerable<(int M, int N, int K)> Shapes()
        => Sizes.SelectMany(m => Sizes, (m, n) => (m, n)).SelectMany(s => new[] { 0, 1, 3, 16 }, (s, k) => (s.m, s.n, k))
            .Concat([(141, 33, 321), (3, 1030, 641), (300, 513, 5), (1, 1, 2000), (140, 512, 320), (1, 1000, 700), (4, 37, 33), (5, 999, 17), (9, 3, 100), (999, 1, 48), (700, 4, 50), (15, 33, 4300), (70, 90, 2100), (33, 40, 5000)]);

    [Test]
    public void Multiply_OfEverySizeAndStride_MatchesTheFormula([Values] bool transposeA, [Values] bool transposeB, [Values] bool accumulate)
    {
        foreach (var (m, n, k) in Shapes())
        {
            int cRow = n + 3;
            float[] a = Numbers(m * k, 1), b = Numbers(k * n, 2), c = Numbers(m * cRow, 3), before = [.. c];
            int aRow = transposeA ? 1 : k, aColumn = transposeA ? m : 1, bRow = transposeB ? 1 : n, bColumn = transposeB ? k : 1;
            fixed (float* pa = a, pb = b, pc = c) Gemm.Multiply(pa, aRow, aColumn, pb, bRow, bColumn, pc, cRow, m, n, k, accumulate);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < cRow; j++)
                {
                    double sum = j >= n || accumulate ? before[i * cRow + j] : 0;
                    if (j < n) for (int p = 0; p < k; p++) sum += (double)a[i * aRow + p * aColumn] * b[p * bRow + j * bColumn];
                    if (Math.Abs(c[i * cRow + j] - sum) > 1e-4 * (1 + Math.Abs(sum)))
                        Assert.Fail($"{m}x{n}x{k}: C[{i}, {j}] is {c[i * cRow + j]} and should be {sum}.");
                }
        }
    }

    internal static float[] Numbers(int count, ulong seed)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i++) numbers[i] = 2 * Philox.Uniform(Philox.Word(seed, (ulong)i)) - 1;
        return numbers;
    }
}
