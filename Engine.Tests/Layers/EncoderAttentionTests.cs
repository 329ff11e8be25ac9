using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class EncoderAttentionTests
{
    private const int B = 3, T = 4, S = 5, D = 6, E = 6;

    private static readonly int[] Lengths = [5, 1, 3];

    private static Tensor Draw(ulong seed, Device? device, params int[] shape) => Tensor.Normal(shape, new Rng(seed), device: device);

    private static EncoderAttention Make(AttentionScore score, Device? device = null, int? size = null)
    {
        var made = new EncoderAttention(D, E, score, new Rng(3), size);
        return device is null ? made : made.To(device);
    }

    /// <summary>The papers' formulas by loops.</summary>
    private static double Score(EncoderAttention layer, AttentionScore kind, ReadOnlySpan<float> q, ReadOnlySpan<float> h)
    {
        float[] Numbers(string name) => layer.NamedParameters().Single(p => p.Key == name).Value.Value.ToArray();
        double sum = 0;
        if (kind is AttentionScore.Dot or AttentionScore.General)
        {
            float[]? w = kind == AttentionScore.General ? Numbers("key.weight") : null;
            for (int i = 0; i < D; i++)
                for (int j = 0; j < E; j++) sum += q[i] * (w?[i * E + j] ?? (i == j ? 1 : 0)) * h[j];
            return sum;
        }
        float[] a = Numbers("query.weight"), u = Numbers("key.weight"), v = Numbers("score.weight");
        for (int row = 0; row < v.Length; row++)
        {
            double z = 0;
            for (int i = 0; i < D; i++) z += a[row * D + i] * q[i];
            for (int j = 0; j < E; j++) z += u[row * E + j] * h[j];
            sum += v[row] * Math.Tanh(z);
        }
        return sum;
    }

    [Test]
    public void Attend_IsThePapersFormula([Values] AttentionScore kind, [Values] bool withLengths)
    {
        var layer = Make(kind, size: kind is AttentionScore.Bahdanau or AttentionScore.Concat ? 7 : null);
        Tensor queries = Draw(1, null, B, T, D), states = Draw(2, null, B, S, E);
        var found = layer.Attend(queries, layer.Remember(states, withLengths ? Lengths : null, Pass.Inference), Pass.Inference);
        float[] q = queries.ToArray(), h = states.ToArray(), weights = found.Weights.ToArray(), context = found.Context.ToArray();
        for (int b = 0; b < B; b++)
            for (int t = 0; t < T; t++)
            {
                int n = withLengths ? Lengths[b] : S;
                var scores = new double[n];
                for (int s = 0; s < n; s++) scores[s] = Math.Exp(Score(layer, kind, q.AsSpan((b * T + t) * D, D), h.AsSpan((b * S + s) * E, E)));
                for (int s = 0; s < S; s++)
                    Assert.That(weights[(b * T + t) * S + s], s < n ? Is.EqualTo(scores[s] / scores.Sum()).Within(2e-6) : Is.EqualTo(0f));
                for (int e = 0; e < E; e++)
                {
                    double wanted = 0;
                    for (int s = 0; s < n; s++) wanted += scores[s] / scores.Sum() * h[(b * S + s) * E + e];
                    Assert.That(context[(b * T + t) * E + e], Is.EqualTo(wanted).Within(1e-5));
                }
            }
    }

    [Test]
    public void Attend_OfOneStep_IsThatOfAllSteps([Values] AttentionScore kind)
    {
        var layer = Make(kind);
        var queries = Draw(1, null, B, T, D);
        var memory = layer.Remember(Draw(2, null, B, S, E), Lengths, Pass.Inference);
        var all = layer.Attend(queries, memory, Pass.Inference);
        for (int t = 0; t < T; t++)
        {
            var one = layer.Attend(queries[.., t], memory, Pass.Inference);
            Assert.That(one.Weights.Shape, Is.EqualTo(new Shape(B, S)));
            Assert.That(one.Weights.ToArray(), Is.EqualTo(all.Weights[.., t].ToArray()).Within(1e-6f));
            Assert.That(one.Context.ToArray(), Is.EqualTo(all.Context[.., t].ToArray()).Within(1e-6f));
        }
    }

    [Test]
    public void WhatIsPastTheEnd_LeavesNoTrace([Values] AttentionScore kind)
    {
        var layer = Make(kind);
        var queries = Draw(1, null, B, T, D);
        float[] numbers = Draw(2, null, B, S, E).ToArray();
        var clean = Attend();
        for (int b = 0; b < B; b++) numbers.AsSpan((b * S + Lengths[b]) * E, (S - Lengths[b]) * E).Fill(1e6f);
        Assert.That(Attend(), Is.EqualTo(clean));

        float[] Attend() => layer.Attend(queries, layer.Remember(Tensor.From(numbers, [B, S, E]), Lengths, Pass.Inference), Pass.Inference).Context.ToArray();
    }

    [Test]
    public void Gradients_AreTheFormulas([Values] AttentionScore kind)
    {
        var device = TestDevices.Reference;
        var layer = Make(kind, device);
        layer.SetTrainable(false);
        GradientCheck.Run(x =>
        {
            var found = layer.Attend(x[0], layer.Remember(x[1], Lengths, Pass.Inference), Pass.Inference);
            return Tensor.Concat([found.Context, found.Weights], 2);
        }, [Draw(1, device, B, T, D).WithGrad(), Draw(2, device, B, S, E).WithGrad()]);
        if (layer.Parameters.Count == 0) return;
        layer.SetTrainable(true);
        layer.Attend(Draw(1, device, B, T, D), layer.Remember(Draw(2, device, B, S, E), Lengths, Pass.Inference), Pass.Inference).Context.Sum().Backward();
        foreach (var parameter in layer.Parameters) Assert.That(parameter.Grad!.ToArray(), Has.Some.Not.EqualTo(0f), parameter.Name);
    }

    [Test]
    public void EveryDevice_GivesTheReferencesNumbers([ValueSource(typeof(TestDevices), nameof(TestDevices.Compared))] string name, [Values] AttentionScore kind)
    {
        float[] wanted = On(TestDevices.Reference);
        Assert.That(On(TestDevices.Get(name)), Is.EqualTo(wanted).Within(1e-5f));

        float[] On(Device device)
        {
            var layer = Make(kind, device);
            var states = Draw(2, device, B, S, E).WithGrad();
            var found = layer.Attend(Draw(1, device, B, T, D), layer.Remember(states, Lengths, Pass.Inference), Pass.Inference);
            (found.Context * found.Context).Sum().Backward();
            return [.. found.Weights.ToArray(), .. found.Context.ToArray(), .. states.Grad!.ToArray()];
        }
    }

    [Test]
    public void Select_GivesTheSourcesAskedFor([Values(AttentionScore.Dot, AttentionScore.Bahdanau)] AttentionScore kind)
    {
        var layer = Make(kind);
        var queries = Draw(1, null, B, D);
        var memory = layer.Remember(Draw(2, null, B, S, E), Lengths, Pass.Inference);
        var rows = Tensor.From([2, 0, 2, 1], [4]);
        var found = layer.Attend(queries.GatherRows(rows), memory.Select(rows), Pass.Inference);
        Assert.That(found.Weights.ToArray(), Is.EqualTo(layer.Attend(queries, memory, Pass.Inference).Weights.GatherRows(rows).ToArray()).Within(1e-6f));
    }

    [Test]
    public void Forward_AsksASequenceAboutItself()
    {
        var layer = Make(AttentionScore.General);
        var x = Draw(1, null, B, S, E);
        Assert.That(layer.Predict(x).ToArray(), Is.EqualTo(layer.Attend(x, layer.Remember(x, null, Pass.Inference), Pass.Inference).Context.ToArray()));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        var layer = Make(AttentionScore.General);
        var states = Draw(2, null, B, S, E);
        var memory = layer.Remember(states, null, Pass.Inference);
        Assert.That(() => layer.Remember(states, [5, 0, 3], Pass.Inference), Throws.TypeOf<SequenceException>().With.Message.Contains("EncoderAttention").And.Message.Contains("Row 1"));
        Assert.That(() => layer.Remember(states, [5, 6, 3], Pass.Inference), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(1));
        Assert.That(() => layer.Remember(states, [5, 3], Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("2 lengths"));
        Assert.That(() => layer.Remember(Draw(1, null, B, S, E + 1), null, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("EncoderAttention 6 over 6, General").And.Message.Contains("(B, S, 6)"));
        Assert.That(() => layer.Remember(Tensor.Zeros([B, 0, E]), null, Pass.Inference), Throws.TypeOf<ShapeException>());
        Assert.That(() => layer.Attend(Draw(1, null, B + 1, D), memory, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(3, 6) or (3, T, 6)"));
        Assert.That(() => new EncoderAttention(4, 5, AttentionScore.Dot, new Rng(1)), Throws.ArgumentException.With.Message.Contains("General"));
        Assert.That(() => new EncoderAttention(4, 4, AttentionScore.Dot, new Rng(1), 3), Throws.ArgumentException.With.Message.Contains("no size"));
        Assert.That(() => new EncoderAttention(4, 4, (AttentionScore)9, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EncoderAttention(0, 4, AttentionScore.General, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
