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

    [TestCase(1, null, 0.5)]
    [TestCase(1, null, 0.9)]
    [TestCase(2, null, 0.7)]
    [TestCase(2, 3, 0.7)]
    [TestCase(0.5, 2, 0.4)]
    [TestCase(1, null, 1.0)]
    [TestCase(1, null, 1e-9)]
    public void Draw_KeepsToTheNucleus(double temperature, int? topK, double topP)
    {
        const int count = 20_000;
        int[] drawn = new TokenSampler(temperature, topK, topP).Draw(Rows(count), new Rng(5));
        var kept = new List<int>();
        int[] order = [.. Enumerable.Range(0, 5).OrderByDescending(i => Logits[i]).Take(topK ?? 5)];
        double all = order.Sum(i => Math.Exp(Logits[i] / temperature)), before = 0;
        foreach (int token in order)
        {
            if (before >= topP * all) break;
            kept.Add(token);
            before += Math.Exp(Logits[token] / temperature);
        }
        for (int token = 0; token < 5; token++)
        {
            double p = kept.Contains(token) ? Math.Exp(Logits[token] / temperature) / before : 0;
            int times = drawn.Count(d => d == token);
            if (p is 0 or 1) Assert.That(times, Is.EqualTo(p * count));
            else Assert.That(times, Is.EqualTo(p * count).Within(4 * Math.Sqrt(count * p * (1 - p))));
        }
    }

    [Test]
    public void ManyTokens_AreCutAsSortingThemSays([Values(1, 7, 500, 999)] int topK, [Values(0.05, 0.6, 0.999)] double topP)
    {
        var logits = Tensor.Normal([1, 1000], new Rng(8)) * 3;
        double[] x = logits.ToArray<double>();
        int[] order = [.. Enumerable.Range(0, 1000).OrderByDescending(i => x[i])];
        var byK = new TokenSampler(2, topK);
        var byP = new TokenSampler(2, topP: topP);
        double all = x.Sum(l => Math.Exp(l / 2)), before = 0;
        int nucleus = 0;
        while (before < topP * all) before += Math.Exp(x[order[nucleus++]] / 2);
        var rng = new Rng(9);
        for (int i = 0; i < 300; i++)
        {
            Assert.That(order[..topK], Does.Contain(byK.Draw(logits, rng)[0]));
            Assert.That(order[..nucleus], Does.Contain(byP.Draw(logits, rng)[0]));
        }
        // The last of each comes where chance is at its end.
        float[] numbers = logits.ToArray();
        Assert.That(byK.Draw(numbers, 0, 0.99999994f), Is.EqualTo(order[topK - 1]));
        Assert.That(byP.Draw(numbers, 0, 0.99999994f), Is.EqualTo(order[nucleus - 1]));
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
        Assert.That(() => new TokenSampler(1, topP: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TokenSampler(1, topP: 1.01), Throws.TypeOf<ArgumentOutOfRangeException>());
        var sampler = new TokenSampler();
        Assert.That(() => sampler.Draw(Tensor.Zeros([3]), new Rng(1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => sampler.Draw(Tensor.Zeros([3, 0]), new Rng(1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => sampler.Draw(Tensor.From([0, 0, float.NaN, 0], [2, 2]), new Rng(1)), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Row 1"));
        Assert.That(() => sampler.Draw(Tensor.Full([1, 2], double.NegativeInfinity), new Rng(1)), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Row 0"));
    }
}
