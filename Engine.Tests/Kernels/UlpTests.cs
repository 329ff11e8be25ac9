using System.Runtime.Intrinsics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>How far the processor's transcendental functions are from their double forms, in units of the last place of the exact value, over all of a stretch of floats
/// taken in even steps of their bits.</summary>
public class UlpTests
{
    private const int Points = 1 << 20;

    /// <param name="Bound">With AVX2 or AVX-512.</param>
    /// <param name="Older">Without, where exp and log are .NET's.</param>
    public readonly record struct Case(string Name, Func<Tensor, Tensor> Function, float Least, float Most, double Bound, double Older)
    {
        public double Stated => Vector256.IsHardwareAccelerated ? Bound : Older;

        public override string ToString() => Name;
    }

    public static IEnumerable<Case> Cases =>
    [
        new("Exp", x => x.Exp(), -87, 88, 1.0, 3.0),
        new("Tanh", x => x.Tanh(), -20, 20, 3.0, 5.0),
        new("Erf", x => x.Erf(), -6, 6, 4.0, 4.0),
        new("Log", x => x.Log(), 1e-37f, 1e37f, 1.0, 2.0),
        new("Sigmoid", x => x.Sigmoid(), -80, 80, 3.0, 3.0),
        new("Gelu", x => x.Gelu(), -1, 20, 6.0, 6.0),
        new("Gelu, its tail", x => x.Gelu(), -12, -1, 100.0, 100.0),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Function_IsWithinItsBound(Case c) => TestContext.Out.WriteLine(MustBeWithinItsBound(c));

    internal static string MustBeWithinItsBound(Case c)
    {
        float[] x = Sweep(c.Least, c.Most);
        float[] y = c.Function(Tensor.From(x, [x.Length])).ToArray();
        double[] exact = c.Function(Tensor.From(x, [x.Length], TestDevices.Reference)).ToArray<double>();
        double worst = 0, at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double ulps = Math.Abs(y[i] - exact[i]) / Ulp(exact[i]);
            if (ulps <= worst) continue;                            // a NaN is not, and becomes the worst
            (worst, at) = (ulps, x[i]);
            if (double.IsNaN(ulps)) break;
        }
        string found = $"{c.Name,-16} [{c.Least}, {c.Most}]: {worst:F2} ulp at {at:R}, stated {c.Stated:F1} ({CpuDevice.Instructions})";
        Assert.That(worst, Is.LessThanOrEqualTo(c.Stated), found);
        return found;
    }

    // Far from 0, Φ has another form, taken where a number of the sixteen needs it.
    [Test]
    public void Gelu_AndItsGradient_DoNotDependOnNeighbours([Values(-5, 0.5f, 8, float.NaN)] float neighbour)
    {
        float[] x = Sweep(-6, 6).Where((_, i) => i % 64 == 0).ToArray(), mixed = [.. x.SelectMany(v => new[] { v, neighbour })];
        var (y, dx) = GeluOf(x);
        var (beside, dbeside) = GeluOf(mixed);
        Assert.Multiple(() =>
        {
            Assert.That(beside.Where((_, i) => i % 2 == 0), Is.EqualTo(y));
            Assert.That(dbeside.Where((_, i) => i % 2 == 0), Is.EqualTo(dx));
        });
    }

    [Test]
    public void GeluGradient_IsWithinARoundingOrTwoOfOne()
    {
        float[] x = Sweep(-14, 14);
        double worst = 0;
        float[] dx = GeluOf(x).Gradient;
        for (int i = 0; i < x.Length; i++) worst = Math.Max(worst, Math.Abs(dx[i] - Engine.Kernels.Gelu.Derivative((double)x[i], 0, 0)));
        TestContext.Out.WriteLine($"{worst:E2} ({CpuDevice.Instructions})");
        Assert.That(worst, Is.LessThan(3e-7));
    }

    private static (float[] Value, float[] Gradient) GeluOf(float[] x)
    {
        var p = new Parameter("x", Tensor.From(x, [x.Length]));
        var y = p.Value.Gelu();
        y.Backward(Tensor.Full([x.Length], 1));
        return (y.ToArray(), p.Grad!.ToArray());
    }

    /// <summary>Floats from one to another, in even steps of their order.</summary>
    private static float[] Sweep(float least, float most)
    {
        long from = Order(least), to = Order(most);
        return [.. Enumerable.Range(0, Points).Select(i => FromOrder(from + (to - from) * i / (Points - 1)))];
    }

    // Bits as whole numbers in the order of the floats: those below 0 run backward.
    private static long Order(float x) => BitConverter.SingleToInt32Bits(x) is var bits && bits >= 0 ? bits : int.MinValue - (long)bits;

    private static float FromOrder(long order) => BitConverter.Int32BitsToSingle((int)(order >= 0 ? order : int.MinValue - order));

    /// <summary>The distance between the floats around a number that is exact; that of the smallest ones, where it is smaller.</summary>
    private static double Ulp(double exact) => Math.Pow(2, Math.Max(-149, Math.ILogB(exact == 0 ? 1e-300 : exact) - 23));
}
