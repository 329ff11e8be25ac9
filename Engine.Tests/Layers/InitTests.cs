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

    private static double Deviation(double[] x)
    {
        double mean = x.Average();
        return Math.Sqrt(x.Sum(v => (v - mean) * (v - mean)) / x.Length);
    }
}
