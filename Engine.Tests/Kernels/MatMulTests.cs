using System.Runtime.InteropServices;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>What the kernel can do beyond what the op asks of it: heads, accumulation, any strides.</summary>
public class MatMulTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void MatMul_OfHeadsWithinRows_ReadsThemInPlace(string name)
    {
        // As in attention: q and k are (B, T, H, D), scores (B, H, T, T).
        const int B = 2, T = 5, H = 3, D = 4;
        float[] q = GemmTests.Numbers(B * T * H * D, 1), k = GemmTests.Numbers(B * T * H * D, 2), expected = new float[B * H * T * T];
        for (int s = 0; s < B; s++)
            for (int h = 0; h < H; h++)
                for (int i = 0; i < T; i++)
                    for (int j = 0; j < T; j++)
                        for (int d = 0; d < D; d++)
                            expected[((s * H + h) * T + i) * T + j] += q[((s * T + i) * H + h) * D + d] * k[((s * T + j) * H + h) * D + d];
        var device = TestDevices.Get(name);
        View a = Upload(device, q), b = Upload(device, k), c = Upload(device, new float[expected.Length]);
        device.MatMul(new(a, H * D, 1, T * H * D, D), new(b, 1, H * D, T * H * D, D), new(c, T, 1, H * T * T, T * T), new(T, T, D, B, H));
        AssertClose(Download(device, c), expected);
    }

    [TestCaseSource(nameof(Devices))]
    public void MatMul_ThatAccumulates_AddsProductAndBias(string name)
    {
        foreach (var (m, n, k) in new[] { (3, 4, 5), (17, 33, 9), (2, 3, 0), (40, 50, 1200) })
        {
            float[] x = GemmTests.Numbers(m * k, 1), y = GemmTests.Numbers(k * n, 2), bias = GemmTests.Numbers(n, 3), z = GemmTests.Numbers(m * n, 4);
            var device = TestDevices.Get(name);
            View a = Upload(device, x), b = Upload(device, y), c = Upload(device, z);
            device.MatMul(new(a, k, 1), new(b, n, 1), new(c, n, 1), new(m, n, k), Upload(device, bias), accumulate: true);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    z[i * n + j] += bias[j];
                    for (int p = 0; p < k; p++) z[i * n + j] += x[i * k + p] * y[p * n + j];
                }
            AssertClose(Download(device, c), z);
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void MatMul_IntoColumnsAndIntoEverySecondNumber_LeavesTheOthers(string name)
    {
        const int M = 5, N = 7, K = 3;
        float[] x = GemmTests.Numbers(M * K, 1), y = GemmTests.Numbers(K * N, 2), bias = GemmTests.Numbers(N, 3);
        var device = TestDevices.Get(name);
        View a = Upload(device, x), b = Upload(device, y), bb = Upload(device, bias);
        foreach (bool biased in new[] { false, true })
            foreach (var (row, column) in new[] { (1, M), (1, M + 2), (2 * N, 2) })
            {
                var numbers = GemmTests.Numbers((M - 1) * row + (N - 1) * column + 1, 4);
                var c = Upload(device, numbers);
                device.MatMul(new(a, K, 1), new(b, N, 1), new(c, row, column), new(M, N, K), biased ? bb : null, Activation.Relu);
                for (int i = 0; i < M; i++)
                    for (int j = 0; j < N; j++)
                    {
                        float sum = biased ? bias[j] : 0;
                        for (int p = 0; p < K; p++) sum += x[i * K + p] * y[p * N + j];
                        numbers[i * row + j * column] = Math.Max(sum, 0);
                    }
                AssertClose(Download(device, c), numbers);
            }
    }

    [Test]
    public void MatMul_OnOneTwoAndThreeThreads_GivesTheSameBits()
    {
        foreach (var (m, n, k, batch) in new[] { (300, 200, 700, 1), (32, 128, 1600, 1), (1600, 128, 32, 1), (1, 2000, 1000, 1), (2, 999, 1500, 1), (9, 2000, 100, 1), (2001, 1, 1000, 1), (1500, 3, 900, 1), (60, 70, 80, 12), (256, 256, 256, 3), (64, 70, 9000, 1), (260, 40, 3000, 2) })
        {
            float[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
            {
                using var device = new CpuDevice(threads);
                View a = Upload(device, GemmTests.Numbers(batch * m * k, 1)), b = Upload(device, GemmTests.Numbers(batch * k * n, 2));
                View bias = Upload(device, GemmTests.Numbers(n, 3)), c = Upload(device, new float[batch * m * n]);
                device.MatMul(new(a, k, 1, m * k), new(b, n, 1, k * n), new(c, n, 1, m * n), new(m, n, k, batch), bias, Activation.Relu);
                return Download(device, c);
            })];
            Assert.That(results[1], Is.EqualTo(results[0]), $"{m}x{n}x{k} on 2 threads");
            Assert.That(results[2], Is.EqualTo(results[0]), $"{m}x{n}x{k} on 3 threads");
        }
    }

    private static View Upload(Device device, float[] numbers)
    {
        var view = new View(device.Allocate(DType.Float32, numbers.Length));
        device.Upload(MemoryMarshal.AsBytes(numbers.AsSpan()), view);
        return view;
    }

    private static float[] Download(Device device, View view)
    {
        var numbers = new float[view.Length];
        device.Download(view, MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    private static void AssertClose(float[] actual, float[] expected) => Assert.That(actual, Is.EqualTo(expected).Within(1e-4f));
}
