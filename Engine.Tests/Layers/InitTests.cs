using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class InitTests
{
    // Fans of (64, 16, 3, 3): in 16·9 = 144, out 64·9 = 576.
    private static readonly Shape Weight = [64, 16, 3, 3];

    public static IEnumerable<TestCaseData> Uniform()
    {
        yield return new TestCaseData(Init.KaimingUniform(), Math.Sqrt(6.0 / 144)).SetArgDisplayNames("Kaiming");
        yield return new TestCaseData(Init.KaimingUniform(Gain.Linear, fanOut: true), Math.Sqrt(3.0 / 576)).SetArgDisplayNames("Kaiming, fan out");
        yield return new TestCaseData(Init.KaimingUniform(Gain.LeakyRelu(Math.Sqrt(5))), 1.0 / 12).SetArgDisplayNames("PyTorch's default");
        yield return new TestCaseData(Init.XavierUniform(), Math.Sqrt(6.0 / 720)).SetArgDisplayNames("Xavier");
        yield return new TestCaseData(Init.LecunUniform(), Math.Sqrt(3.0 / 144)).SetArgDisplayNames("LeCun");
        yield return new TestCaseData(Init.XavierUniform(Gain.Tanh), 5.0 / 3 * Math.Sqrt(6.0 / 720)).SetArgDisplayNames("Xavier, tanh");
    }

    [TestCaseSource(nameof(Uniform))]
    public void Uniform_FillsItsBounds(Init init, double bound)
    {
        var numbers = init.Draw(Weight, new Rng(3)).ToArray<double>();
        Assert.That(numbers.Max(Math.Abs), Is.InRange(0.998 * bound, bound * (1 + 1e-6)));
        Assert.That(numbers.Average(), Is.EqualTo(0).Within(0.03 * bound));
        Assert.That(Deviation(numbers), Is.EqualTo(bound / Math.Sqrt(3)).Within(2).Percent);
    }

    public static IEnumerable<TestCaseData> Normal()
    {
        yield return new TestCaseData(Init.KaimingNormal(), Math.Sqrt(2.0 / 144)).SetArgDisplayNames("Kaiming");
        yield return new TestCaseData(Init.XavierNormal(), Math.Sqrt(2.0 / 720)).SetArgDisplayNames("Xavier");
        yield return new TestCaseData(Init.LecunNormal(), Math.Sqrt(1.0 / 144)).SetArgDisplayNames("LeCun");
        yield return new TestCaseData(Init.Normal(0, 0.02), 0.02).SetArgDisplayNames("plain");
    }

    [TestCaseSource(nameof(Normal))]
    public void Normal_HasItsDeviation(Init init, double deviation)
        => Assert.That(Deviation(init.Draw(Weight, new Rng(3)).ToArray<double>()), Is.EqualTo(deviation).Within(3).Percent);

    [Test]
    public void Linear_GivenAnInit_HasAZeroBias()
    {
        var keras = new Linear(100, 50, new Rng(1), init: Init.XavierUniform());
        Assert.That(keras.Parameters[0].Value.ToArray<double>().Max(Math.Abs), Is.EqualTo(Math.Sqrt(6.0 / 150)).Within(1).Percent);
        Assert.That(keras.Parameters[1].Value.ToArray(), Is.All.EqualTo(0f));
        var usual = new Linear(100, 50, new Rng(1));
        Assert.That(usual.Parameters[0].Value.ToArray<double>().Max(Math.Abs), Is.EqualTo(0.1).Within(1).Percent);
        Assert.That(usual.Parameters[1].Value.ToArray<double>().Max(Math.Abs), Is.InRange(0.08, 0.1 + 1e-6));
    }

    [Test]
    public void Fans_NeedTwoAxes() => Assert.That(() => Init.XavierUniform().Draw([5], new Rng(1)), Throws.TypeOf<ShapeException>());

    [TestCase(1, 1)]
    [TestCase(5, 5)]
    [TestCase(3, 40)]
    [TestCase(40, 3)]
    [TestCase(64, 64)]
    public void Orthogonal_IsSo(int rows, int columns)
    {
        double[] q = Init.Orthogonal(1.5).Draw([rows, columns], new Rng(4)).ToArray<double>();
        bool wide = rows <= columns;
        var (count, length) = wide ? (rows, columns) : (columns, rows);
        for (int i = 0; i < count; i++)
            for (int j = 0; j <= i; j++)
            {
                double dot = Enumerable.Range(0, length).Sum(k => wide ? q[i * columns + k] * q[j * columns + k] : q[k * columns + i] * q[k * columns + j]);
                Assert.That(dot, Is.EqualTo(i == j ? 2.25 : 0).Within(1e-6), $"{i}, {j}");
            }
    }

    [Test]
    public void Orthogonal_OfAKernel_IsThatOfItsMatrix()
    {
        var kernel = Init.Orthogonal().Draw([8, 4, 3, 3], new Rng(9));
        Assert.That(kernel.Shape, Is.EqualTo(new Shape(8, 4, 3, 3)));
        Assert.That(kernel.ToArray(), Is.EqualTo(Init.Orthogonal().Draw([8, 36], new Rng(9)).ToArray()));
        Assert.That(kernel.ToArray(), Is.Not.EqualTo(Init.Orthogonal().Draw([8, 36], new Rng(10)).ToArray()));
        Assert.That(Init.Orthogonal().Draw([0, 3], new Rng(1)).Count, Is.Zero);
        Assert.That(() => Init.Orthogonal().Draw([5], new Rng(1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => Init.Orthogonal(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Of matrices that are all as likely, each number has mean 0 and variance 1/n, either side of the diagonal and on it.</summary>
    [Test]
    public void Orthogonal_FavoursNoDirection()
    {
        var rng = new Rng(6);
        double[][] drawn = [.. Enumerable.Range(0, 4000).Select(_ => Init.Orthogonal().Draw([3, 3], rng).ToArray<double>())];
        for (int i = 0; i < 9; i++)
        {
            Assert.That(drawn.Average(q => q[i]), Is.EqualTo(0).Within(0.04), $"{i}");
            Assert.That(drawn.Average(q => q[i] * q[i]), Is.EqualTo(1 / 3.0).Within(0.03), $"{i}");
        }
    }

    // Mean and variance of the standard normal in [a, b], by Simpson's rule over its density.
    [TestCase(-2, 2)]
    [TestCase(-0.3, 1)]
    [TestCase(0.5, 3)]
    [TestCase(-4, -1)]
    [TestCase(6, 9)]
    [TestCase(6, 6.01)]
    [TestCase(-1, double.PositiveInfinity)]
    [TestCase(3, double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity, -20)]
    [TestCase(double.NegativeInfinity, double.PositiveInfinity)]
    public void TruncatedNormal_HasItsBoundsAndMoments(double a, double b)
    {
        const double mean = 3, deviation = 0.25;
        double[] x = [.. Init.TruncatedNormal(mean, deviation, a, b).Draw([200, 100], new Rng(8)).ToArray<double>().Select(v => (v - mean) / deviation)];
        Assert.That(x, Is.All.InRange(a - 2e-6 * Math.Abs(a), b + 2e-6 * Math.Abs(b)));
        double from = Math.Max(a, b < 0 ? b - 12 : -12), to = Math.Min(b, a > 0 ? a + 12 : 12), near = a > 0 ? a : b < 0 ? b : 0;
        double zeroth = Integral(_ => 1), first = Integral(v => v) / zeroth, second = Integral(v => (v - first) * (v - first)) / zeroth;
        Assert.That(x.Average(), Is.EqualTo(first).Within(5 * Math.Sqrt(second / x.Length)));
        Assert.That(Deviation(x), Is.EqualTo(Math.Sqrt(second)).Within(3).Percent);

        double Integral(Func<double, double> f)
        {
            const int n = 20_000;
            double h = (to - from) / n, sum = 0;
            for (int i = 0; i <= n; i++)
            {
                double v = from + i * h;
                sum += (i is 0 or n ? 1 : i % 2 == 1 ? 4 : 2) * f(v) * Math.Exp((near * near - v * v) / 2);
            }
            return sum * h / 3;
        }
    }

    [Test]
    public void TruncatedNormal_IsItsSeeds_AndRefusesWhatHoldsNothing()
    {
        var init = Init.TruncatedNormal();
        Assert.That(init.Draw([50], new Rng(1)).ToArray(), Is.EqualTo(init.Draw([50], new Rng(1)).ToArray()).And.Not.EqualTo(init.Draw([50], new Rng(2)).ToArray()));
        Assert.That(() => Init.TruncatedNormal(a: 1, b: 1), Throws.ArgumentException);
        Assert.That(() => Init.TruncatedNormal(a: double.NaN), Throws.ArgumentException);
        Assert.That(() => Init.TruncatedNormal(deviation: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Init.TruncatedNormal(double.PositiveInfinity), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(Init.LecunNormal().Draw(Weight, new Rng(3)).ToArray<double>().Max(Math.Abs), Is.InRange(2.2 / 12, 2 / 0.8796 / 12));
    }

    private static double Deviation(double[] x)
    {
        double mean = x.Average();
        return Math.Sqrt(x.Sum(v => (v - mean) * (v - mean)) / x.Length);
    }
}
