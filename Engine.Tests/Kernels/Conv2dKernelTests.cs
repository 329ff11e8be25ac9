using Engine.Kernels;

namespace Engine.Tests;

/// <summary>The CPU's convolutions at the sizes of real layers.</summary>
public class Conv2dKernelTests
{
    public static IEnumerable<Conv2dSizes> Layers => [
        new(2, 64, 33, 31, 48, 3, 3, PadH: 1, PadW: 1), new(40, 32, 13, 13, 64, 3, 3), new(33, 16, 8, 8, 70, 3, 3, PadH: 1, PadW: 1), new(1, 20, 9, 9, 130, 3, 3, PadH: 2, PadW: 2),
        new(9, 1, 28, 28, 32, 3, 3), new(2, 3, 32, 32, 16, 3, 3, PadH: 1, PadW: 1), new(2, 40, 28, 28, 70, 1, 1), new(2, 40, 15, 15, 70, 1, 1, 2, 2), new(2, 24, 20, 20, 40, 3, 3, 2, 2, 1, 1),
        new(2, 40, 28, 28, 40, 3, 3, PadH: 1, PadW: 1, Groups: 40), new(3, 20, 30, 17, 20, 5, 5, 2, 2, 2, 2, Groups: 20), new(40, 33, 7, 7, 33, 3, 3, PadH: 1, PadW: 1, Groups: 33),
        new(1, 64, 4, 1830, 16, 3, 3, PadH: 1, PadW: 1), new(3, 130, 27, 20, 130, 3, 3), new(35, 24, 12, 12, 20, 3, 3, PadH: 1, PadW: 1), new(20, 3, 28, 28, 3, 3, 3, PadH: 1, PadW: 1, Groups: 3)];

    [TestCaseSource(nameof(Layers))]
    public void Conv2d_OnOneTwoAndThreeThreads_GivesTheSameBits(Conv2dSizes z)
    {
        float[][][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var device = new CpuDevice(threads);
            return All(device, z, Activation.Tanh);
        })];
        for (int i = 0; i < 3; i++)
        {
            Assert.That(results[1][i], Is.EqualTo(results[0][i]), $"2 threads, result {i}");
            Assert.That(results[2][i], Is.EqualTo(results[0][i]), $"3 threads, result {i}");
        }
    }

    [TestCase(64, 64, 18)]
    [TestCase(128, 96, 9)]
    [TestCase(256, 33, 8)]
    [TestCase(512, 40, 7)]
    [TestCase(40, 512, 6)]
    [TestCase(33, 40, 30)]
    public void Conv2d_ByWinograd_IsWithinATenThousandthOfTheLargest(int channels, int filters, int size)
    {
        var z = new Conv2dSizes(1, channels, size, size, filters, 3, 3, PadH: 1, PadW: 1);
        using var device = new CpuDevice(2);
        float[][] actual = All(device, z), expected = All(TestDevices.Reference, z);
        for (int i = 0; i < 3; i++)
        {
            float largest = expected[i].Max(MathF.Abs), error = actual[i].Zip(expected[i], (a, e) => MathF.Abs(a - e)).Max();
            TestContext.Out.WriteLine($"{error / largest:E2}");
            Assert.That(error, Is.LessThan(1e-4f * largest));
        }
    }

    [Test]
    public void Conv2d_ByWinograd_OfAnInfinity_HidesItNowhere_AndSpreadsItNoFurtherThanItsTiles()
    {
        const int size = 24, at = 10;
        var z = new Conv2dSizes(1, 16, size, size, 16, 3, 3, PadH: 1, PadW: 1);
        using var device = new CpuDevice(1);
        float[] x = GemmTests.Numbers(16 * size * size, 1), w = GemmTests.Numbers(16 * z.Taps, 2);
        x[at * size + at] = float.PositiveInfinity;
        View y = Upload(device, new float[16 * size * size]);
        device.Conv2dForward(Upload(device, x), Upload(device, w), y, z, null, Activation.None);
        float[] numbers = Download(device, y);
        for (int k = 0; k < 16; k++)
            for (int p = 0; p < size; p++)
                for (int q = 0; q < size; q++)
                {
                    int away = Math.Max(Math.Abs(p - at), Math.Abs(q - at));
                    bool isFinite = float.IsFinite(numbers[(k * size + p) * size + q]);
                    if (away <= 1) Assert.That(isFinite, Is.False, $"filter {k}, row {p}, column {q}");
                    if (away > 4) Assert.That(isFinite, Is.True, $"filter {k}, row {p}, column {q}");
                }
    }

    private static float[][] All(Device device, Conv2dSizes z, Activation activation = Activation.None)
    {
        float[] x = GemmTests.Numbers(z.N * z.C * z.H * z.W, 1), w = GemmTests.Numbers(z.K * z.Taps, 2), b = GemmTests.Numbers(z.K, 3), g = GemmTests.Numbers(z.N * z.K * z.Pixels, 4);
        View vx = Upload(device, x), vw = Upload(device, w), vb = Upload(device, b), vg = Upload(device, g);
        View y = Upload(device, new float[g.Length]), dx = Upload(device, new float[x.Length]), dw = Upload(device, new float[w.Length]);
        device.Conv2dForward(vx, vw, y, z, vb, activation);
        device.Conv2dBackwardInput(vw, vg, dx, z);
        device.Conv2dBackwardWeight(vx, vg, dw, z);
        return [Download(device, y), Download(device, dx), Download(device, dw)];
    }

    private static View Upload(Device device, float[] numbers)
    {
        var view = new View(device.Allocate(DType.Float32, numbers.Length));
        device.Upload(Array.ConvertAll(numbers, v => (double)v), view);
        return view;
    }

    private static float[] Download(Device device, View view)
    {
        var numbers = new double[view.Length];
        device.Download(view, numbers);
        return Array.ConvertAll(numbers, v => (float)v);
    }
}
