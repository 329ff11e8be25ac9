using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Decoding;

public class TokenSamplerTests
{
    private static readonly float[] Logits = [1, 3, 2, float.NegativeInfinity, 3];

    private static Tensor Rows(int count) => Tensor.From([.. Enumerable.Repeat(Logits, count).SelectMany(l => l)], [count, Logits.Length]);

    [TestCase(1, null)]
    [TestCase(0.5, null)]
    [TestCase(2, null)]
    [TestCase(1, 3)]
    [TestCase(1, 2)]
    [TestCase(3, 99)]
    public void Draw_ComesAsOftenAsTheSoftmaxSays(double temperature, int? topK)
    {
        const int count = 20_000;
        int[] drawn = new TokenSampler(temperature, topK).Draw(Rows(count), new Rng(5));
        int[] kept = [.. Enumerable.Range(0, 5).OrderByDescending(i => Logits[i]).Take(topK ?? 5)];
        double sum = kept.Sum(i => Math.Exp(Logits[i] / temperature));
        for (int token = 0; token < 5; token++)
        {
            double p = kept.Contains(token) ? Math.Exp(Logits[token] / temperature) / sum : 0;
            int times = drawn.Count(d => d == token);
            if (p == 0) Assert.That(times, Is.Zero);
            else Assert.That(times, Is.EqualTo(p * count).Within(4 * Math.Sqrt(count * p * (1 - p))));
        }
    }

    [TestCase(0, null)]
    [TestCase(1, 1)]
    public void TheLikeliest_IsTheFirstOfEquals(double temperature, int? topK)
        => Assert.That(new TokenSampler(temperature, topK).Draw(Rows(50), new Rng(1)), Is.All.EqualTo(1));

    [Test]
    public void Draw_WithTheSameSeed_GivesTheSame()
    {
        var sampler = new TokenSampler(0.8, 4);
        Assert.That(sampler.Draw(Rows(100), new Rng(2)), Is.EqualTo(sampler.Draw(Rows(100), new Rng(2))));
        Assert.That(sampler.Draw(Rows(100), new Rng(3)), Is.Not.EqualTo(sampler.Draw(Rows(100), new Rng(2))));
        Assert.That(sampler.Draw(Rows(0), new Rng(2)), Is.Empty);
    }

    [Test]
    public void FarLogits_DoNotOverflow()
        => Assert.That(new TokenSampler(0.01).Draw(Tensor.From([-1e30f, 1e30f, 0], [1, 3]), new Rng(1)), Is.EqualTo(new[] { 1 }));

    [Test]
    public void Mistakes_AreNamed()
    {
        Assert.That(() => new TokenSampler(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TokenSampler(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TokenSampler(1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        var sampler = new TokenSampler();
        Assert.That(() => sampler.Draw(Tensor.Zeros([3]), new Rng(1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => sampler.Draw(Tensor.Zeros([3, 0]), new Rng(1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => sampler.Draw(Tensor.From([0, 0, float.NaN, 0], [2, 2]), new Rng(1)), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Row 1"));
        Assert.That(() => sampler.Draw(Tensor.Full([1, 2], double.NegativeInfinity), new Rng(1)), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Row 0"));
    }
}
