using Engine.Kernels;

namespace Engine.Tests;

public unsafe class GemmTests
{
    private static readonly int[] Sizes = [0, 1, 2, 5, 6, 7, 13, 14, 15, 16, 17, 28, 31, 32, 33, 65];

    public static IEnumerable<(int M, int N, int K)> Shapes()
        => Sizes.SelectMany(m => Sizes, (m, n) => (m, n)).SelectMany(s => new[] { 0, 1, 3, 16 }, (s, k) => (s.m, s.n, k))
            .Concat([(141, 33, 321), (3, 1030, 641), (300, 513, 5), (1, 1, 2000), (140, 512, 320)]);

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

    [Test]
    public void MatMul_OnOneTwoAndThreeThreads_GivesTheSameBits()
    {
        foreach (var (m, n, k, batch) in new[] { (300, 200, 700, 1), (32, 128, 1600, 1), (1600, 128, 32, 1), (1, 2000, 1000, 1), (60, 70, 80, 12), (256, 256, 256, 3) })
        {
            float[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
            {
                using var device = new CpuDevice(threads);
                Storage a = Make(batch * m * k, 1), b = Make(batch * k * n, 2), c = device.Allocate(DType.Float32, batch * m * n), bias = Make(n, 3);
                device.MatMul(new(new(a), k, 1, m * k), new(new(b), n, 1, k * n), new(new(c), n, 1, m * n), new(m, n, k, batch), new View(bias), Activation.Relu);
                var result = new float[c.Length];
                device.Download(new(c), System.Runtime.InteropServices.MemoryMarshal.AsBytes(result.AsSpan()));
                return result;

                Storage Make(int count, ulong seed)
                {
                    var storage = device.Allocate(DType.Float32, count);
                    device.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Numbers(count, seed).AsSpan()), new(storage));
                    return storage;
                }
            })];
            Assert.That(results[1], Is.EqualTo(results[0]), $"{m}x{n}x{k} on 2 threads");
            Assert.That(results[2], Is.EqualTo(results[0]), $"{m}x{n}x{k} on 3 threads");
        }
    }

    internal static float[] Numbers(int count, ulong seed)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i++) numbers[i] = 2 * Philox.Uniform(Philox.Word(seed, (ulong)i)) - 1;
        return numbers;
    }
}
