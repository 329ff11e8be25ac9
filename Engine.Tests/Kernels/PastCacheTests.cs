using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>Results that the processor writes past its caches, their rows beginning at cache lines and between them.</summary>
public class PastCacheTests
{
    private const int Rows = 1551, Columns = 4127;                  // with an operand of this size, above the bound

    private static float[] Ramp => [.. Enumerable.Range(0, Rows * Columns).Select(i => i % 4097 - 2000f)];

    [Test]
    public void Binary_WritesEveryNumber([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        float[] a = Ramp, b = [.. Enumerable.Range(0, Rows).Select(i => i % 7f)];
        Tensor x = Tensor.From(a, [Rows, Columns], device), column = Tensor.From(b, [Rows, 1], device);
        float[] whole = (x + x).ToArray(), repeated = (x - column).ToArray();
        int wrong = 0;
        for (int i = 0; i < a.Length; i++)
            if (whole[i] != 2 * a[i] || repeated[i] != a[i] - b[i / Columns]) wrong++;
        Assert.That(wrong, Is.Zero);
    }

    [Test]
    public void Unary_WritesEveryNumber_AndItsGradient([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        float[] a = Ramp;
        var x = new Parameter("x", Tensor.From(a, [a.Length], device));
        var y = x.Value.Relu();
        y.Backward(Tensor.From([.. a.Select(v => v + 1)], [a.Length], device));
        float[] result = y.ToArray(), gradient = x.Grad!.ToArray();
        int wrong = 0;
        for (int i = 0; i < a.Length; i++)
            if (result[i] != Math.Max(a[i], 0) || gradient[i] != (a[i] > 0 ? a[i] + 1 : 0)) wrong++;
        Assert.That(wrong, Is.Zero);
    }
}
