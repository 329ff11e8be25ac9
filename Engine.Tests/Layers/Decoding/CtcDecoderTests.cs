using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Decoding;

public class CtcDecoderTests
{
    /// <summary>Logarithms of probabilities as logits, (1, T, C).</summary>
    private static Tensor Of(params double[][] steps) => Tensor.From([.. steps.SelectMany(step => step.Select(p => (float)Math.Log(p)))], [1, steps.Length, steps[0].Length]);

    // Graves 2006, figure 2 of the idea: the best path is two blanks, of 0.36, and reads as nothing; three others read as the label, of 0.64 together.
    [Test]
    public void BestPathAndBestLabelling_MayDiffer()
    {
        var x = Of([0.6, 0.4], [0.6, 0.4]);
        var greedy = CtcDecoder.Greedy(x)[0];
        Assert.That(greedy.Labels, Is.Empty);
        Assert.That(Math.Exp(greedy.Score), Is.EqualTo(0.36).Within(1e-6));
        var beam = CtcDecoder.Beam(x)[0];
        Assert.That(beam[0].Labels, Is.EqualTo(new[] { 1 }));
        Assert.That(beam.Select(b => Math.Exp(b.Score)), Is.EqualTo(new[] { 0.64, 0.36 }).Within(1e-6));
    }

    [Test]
    public void Greedy_CollapsesRepeats_ThenDropsBlanks()
    {
        double[] a = [0.1, 0.8, 0.1], b = [0.1, 0.1, 0.8], none = [0.8, 0.1, 0.1];
        Assert.That(CtcDecoder.Greedy(Of(none, a, a, none, a, b, b, none))[0].Labels, Is.EqualTo(new[] { 1, 1, 2 }));
        Assert.That(CtcDecoder.Greedy(Of(none, a, a, none, a, b, b, none), blank: 2)[0].Labels, Is.EqualTo(new[] { 0, 1, 0, 1, 0 }));
        Assert.That(CtcDecoder.Greedy(Of(none, a, a, none, a, b, b, none), [4])[0].Labels, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void WideBeam_FindsEveryLabelling_WithItsProbability([Values(1, 2, 3, 4, 5)] int steps, [Values(2, 3)] int classes, [Values(1, 2)] int seed)
    {
        int blank = seed % classes;
        var x = Tensor.Normal([1, steps, classes], new Rng((ulong)seed));
        double[] y = CtcBruteForce.Softmax(x.ToArray<double>(), steps, classes);
        var expected = CtcBruteForce.Paths(steps, classes)
            .GroupBy(path => string.Join(",", CtcBruteForce.Collapse(path, blank)), path => CtcBruteForce.Probability(y, classes, path))
            .Select(g => (Labels: g.Key, Score: Math.Log(g.Sum()))).OrderByDescending(g => g.Score).ToArray();
        var found = CtcDecoder.Beam(x, 10_000, blank: blank)[0];
        Assert.That(found.Select(f => string.Join(",", f.Labels)), Is.EqualTo(expected.Select(e => e.Labels)));
        Assert.That(found.Select(f => f.Score), Is.EqualTo(expected.Select(e => e.Score)).Within(1e-6));
        // The loss says the same.
        if (found[0].Labels.Count > 0)
            Assert.That(x.CtcLoss(Tensor.From([.. found[0].Labels], [1, found[0].Labels.Count]), null, [found[0].Labels.Count], blank).Item(), Is.EqualTo(-found[0].Score).Within(1e-5));
        Assert.That(CtcDecoder.Beam(x, 3, blank: blank)[0], Has.Length.LessThanOrEqualTo(3));
    }

    [Test]
    public void LanguageModel_AddsItsScores_AskedOnceForEachBeginning()
    {
        var x = Tensor.Normal([1, 4, 3], new Rng(5));
        var asked = new List<string>();
        var found = CtcDecoder.Beam(x, 1000, score: (before, next) =>
        {
            asked.Add(string.Join(",", before.Append(next)));
            return next == 2 ? -0.5 : before.Count * 0.25;
        })[0];
        var plain = CtcDecoder.Beam(x, 1000)[0].ToDictionary(f => string.Join(",", f.Labels), f => f.Score);
        Assert.That(asked, Is.Unique);
        Assert.That(found.Select(f => f.Score), Is.Ordered.Descending);
        foreach (var one in found)
            Assert.That(one.Score, Is.EqualTo(plain[string.Join(",", one.Labels)] + one.Labels.Select((label, i) => label == 2 ? -0.5 : i * 0.25).Sum()).Within(1e-9));
        var without = CtcDecoder.Beam(x, 1000, score: (_, next) => next == 1 ? double.NegativeInfinity : 0)[0];
        Assert.That(without.Where(f => double.IsFinite(f.Score)).SelectMany(f => f.Labels), Is.All.EqualTo(2));
        Assert.That(() => CtcDecoder.Beam(x, score: (_, _) => double.NaN), Throws.ArgumentException.With.Message.Contains("label 1 after []"));
    }

    [Test]
    public void BadArguments_AreNamed()
    {
        var x = Tensor.Zeros([2, 4, 3]);
        Assert.That(() => CtcDecoder.Greedy(x[0]), Throws.TypeOf<ShapeException>().With.Message.Contains("(4, 3)"));
        Assert.That(() => CtcDecoder.Greedy(x, [4, 5]), Throws.TypeOf<SequenceException>().With.Message.Contains("row 1 has length 5"));
        Assert.That(() => CtcDecoder.Greedy(x, [4]), Throws.TypeOf<ShapeException>().With.Message.Contains("1 lengths for 2 examples"));
        Assert.That(() => CtcDecoder.Beam(x, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => CtcDecoder.Beam(x, blank: 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(CtcDecoder.Greedy(Tensor.Zeros([0, 4, 3])), Is.Empty);
    }
}
