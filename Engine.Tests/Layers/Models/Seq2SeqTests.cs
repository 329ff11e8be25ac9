using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Layers.Data;

namespace Engine.Tests.Layers.Models;

public class Seq2SeqTests
{
    private const int Padding = 0, End = 1, Start = 2;

    private static readonly AttentionScore[] Each = [AttentionScore.General, AttentionScore.Bahdanau];

    private static Seq2SeqSettings Small(AttentionScore attention, int tokens = 7, int hidden = 8) => new()
    {
        SourceTokens = tokens,
        TargetTokens = tokens,
        StartToken = Start,
        EndToken = End,
        EmbeddingSize = hidden / 2,
        HiddenSize = hidden,
        Attention = attention,
        MaxLength = 9,
    };

    private static Seq2Seq Make(AttentionScore attention, Device? device = null) => new Seq2Seq(Small(attention), new Rng(4)).To(device ?? Device.Cpu);

    private static Tensor Tokens(Device? device, int[,] rows)
    {
        int[] flat = [.. rows.Cast<int>()];
        return Tensor.From(flat, [rows.GetLength(0), rows.GetLength(1)], device);
    }

    private static Tensor Source(Device? device = null) => Tokens(device, new[,] { { 3, 4, 5, 6 }, { 6, 5, 0, 0 }, { 4, 4, 3, 0 } });

    private static Tensor Targets(Device? device = null) => Tokens(device, new[,] { { 4, 5, 1 }, { 3, 1, 0 }, { 6, 6, 1 } });

    private static readonly int[] Lengths = [4, 2, 3];

    private static Pass Padded => Pass.Inference.WithLengths(Lengths);

    private static TokenPair[] Pairs(int count, ulong seed, Func<int[], IEnumerable<int>> target)
    {
        var rng = new Rng(seed);
        var pairs = new TokenPair[count];
        for (int i = 0; i < count; i++)
        {
            int[] source = [.. Enumerable.Range(0, 2 + rng.NextInt(4)).Select(_ => 3 + rng.NextInt(4))];
            pairs[i] = new TokenPair(source, (int[])[.. target(source), End]);
        }
        return pairs;
    }

    [Test]
    public void ASequence_IsLearnedBackward_AndTheAttentionLooksThere([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var model = new Seq2Seq(Small(attention, hidden: 32), new Rng(1));
        TokenPair[] learned = Pairs(600, 1, source => source.Reverse()), all = Pairs(500, 2, source => source.Reverse());
        string Key(TokenPair pair) => string.Join(' ', pair.Source.ToArray());
        var seen = learned.Select(Key).ToHashSet();
        TokenPair[] fresh = [.. all.Where(pair => !seen.Contains(Key(pair)))];
        Assert.That(fresh, Has.Length.GreaterThan(100));

        var trainer = Seq2SeqExample.Trainer(model, 0.01);
        var train = Seq2SeqExample.Batches(learned, 32, 3);
        const int epochs = 15;
        trainer.Fit(train, epochs: epochs, callbacks: [Seq2SeqExample.Rate(train.BatchCount!.Value * epochs)]);

        int[][] written = Seq2SeqExample.Write(model, fresh, 2, Device.Cpu, default);
        Assert.That(written.Zip(fresh).Count(both => both.First.SequenceEqual(both.Second.Source.ToArray().Reverse())), Is.GreaterThanOrEqualTo(0.95 * fresh.Length));
        Assert.That(trainer.Evaluate(Seq2SeqExample.Batches(fresh, 50, null)).Metrics["sequence_accuracy"], Is.GreaterThanOrEqualTo(0.95));

        int looked = 0, places = 0;
        foreach (var pair in fresh.Take(50))
        {
            int n = pair.Source.Length;
            int[] best = model.AttentionWeights(Tensor.From(pair.Source.Span, [1, n]), Tensor.From(pair.Target.Span, [1, n + 1]), Pass.Inference)[0].ArgMax().ToArray<int>();
            // What precedes a token tells where it was, too: one place aside still counts.
            for (int t = 0; t < n; t++, places++)
                if (Math.Abs(best[t] - (n - 1 - t)) <= 1) looked++;
        }
        Assert.That(looked, Is.GreaterThan(0.7 * places));
    }

    [Test]
    public void SumsOfOneDigit_AreLearned([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var sums = new Addition(10, int.MaxValue, reverse: false, new Rng(1));
        Assert.That((sums.Train.Length, sums.Test.Length), Is.EqualTo((50, 5)));
        var model = new Seq2Seq(sums.Sizes with { HiddenSize = 32, EmbeddingSize = 16, Attention = attention }, new Rng(1));
        var train = Seq2SeqExample.Batches(sums.Train, 10, 3);
        const int epochs = 150;
        Seq2SeqExample.Trainer(model, 0.01).Fit(train, epochs: epochs, callbacks: [Seq2SeqExample.Rate(train.BatchCount!.Value * epochs)]);
        int[][] written = Seq2SeqExample.Write(model, sums.Train, 1, Device.Cpu, default);
        Assert.That(written.Zip(sums.Train).Count(both => both.First.Append(End).SequenceEqual(both.Second.Target.ToArray())), Is.GreaterThanOrEqualTo(48));
    }

    [Test]
    public void WhatItWrites_IsWhatTeachingScores([ValueSource(nameof(Each))] AttentionScore attention, [Values(1, 4)] int width)
    {
        var model = Make(attention);
        var found = model.Search(Source(), Lengths, width, maxLength: 5);
        for (int source = 0; source < 3; source++)
            foreach (var hypothesis in found[source])
            {
                int[] target = hypothesis.Ended ? [.. hypothesis.Tokens, End] : [.. hypothesis.Tokens];
                float[] logs = model.Forward(Source()[source..(source + 1), ..Lengths[source]], Tensor.From(target, [1, target.Length]), Pass.Inference).LogSoftmax().ToArray();
                double sum = target.Select((token, t) => (double)logs[t * 7 + token]).Sum();
                Assert.That(hypothesis.LogProbability, Is.EqualTo(sum).Within(1e-4));
            }
    }

    [Test]
    public void APaddedSource_GivesWhatItGivesAlone([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var model = Make(attention);
        var together = model.Forward(Source(), Targets(), Padded);
        var weights = model.AttentionWeights(Source(), Targets(), Padded);
        Assert.That(together.Shape, Is.EqualTo(new Shape(3, 3, 7)));
        for (int i = 0; i < 3; i++)
        {
            Tensor source = Source()[i..(i + 1), ..Lengths[i]], targets = Targets()[i..(i + 1)];
            Assert.That(model.Forward(source, targets, Pass.Inference).ToArray(), Is.EqualTo(together[i].ToArray()).Within(1e-5f));
            float[] alone = model.AttentionWeights(source, targets, Pass.Inference).ToArray(), padded = weights[i].ToArray();
            for (int t = 0; t < 3; t++)
                for (int s = 0; s < 4; s++)
                    Assert.That(padded[t * 4 + s], s < Lengths[i] ? Is.EqualTo(alone[t * Lengths[i] + s]).Within(1e-5) : Is.EqualTo(0f));
        }
    }

    [Test]
    public void APlace_SeesNothingThatComesAfterIt([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var model = Make(attention);
        Tensor a = model.Forward(Source(), Tokens(null, new[,] { { 4, 5, 1 }, { 3, 1, 0 }, { 6, 6, 1 } }), Padded), b = model.Forward(Source(), Tokens(null, new[,] { { 4, 3, 6 }, { 3, 4, 4 }, { 6, 5, 5 } }), Padded);
        Assert.That(a[.., ..2].ToArray(), Is.EqualTo(b[.., ..2].ToArray()).Within(1e-6f));
        Assert.That(a[.., 2].ToArray(), Is.Not.EqualTo(b[.., 2].ToArray()).Within(1e-6f));
    }

    [Test]
    public void Padding_CountsNothing()
    {
        var model = Make(AttentionScore.General);
        var logits = model.Forward(Source(), Targets(), Padded);
        float[] logs = logits.LogSoftmax().ToArray();
        int[] targets = Targets().ToArray<int>();
        double wanted = targets.Select((token, i) => token == Padding ? 0 : -logs[i * 7 + token]).Sum() / targets.Count(token => token != Padding);
        Assert.That(model.Loss(logits, Targets()).Item(), Is.EqualTo(wanted).Within(1e-5));
    }

    [Test]
    public void EveryDevice_GivesTheReferencesLossAndGradients([ValueSource(typeof(TestDevices), nameof(TestDevices.Compared))] string name, [ValueSource(nameof(Each))] AttentionScore attention)
    {
        float[] wanted = On(TestDevices.Reference);
        Assert.That(wanted.Count(number => number != 0), Is.GreaterThan(wanted.Length / 2));
        Assert.That(On(TestDevices.Get(name)), Is.EqualTo(wanted).Within(1e-5f));

        float[] On(Device device)
        {
            var model = Make(attention, device);
            var loss = model.Loss(model.Forward(Source(device), Targets(device), Padded), Targets(device));
            loss.Backward();
            return [(float)loss.Item(), .. model.Parameters.SelectMany(p => p.Grad!.ToArray())];
        }
    }

    [Test]
    public void Gradients_AreCentralDifferences([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var device = TestDevices.Reference;
        var model = Make(attention, device);
        double Loss() => model.Loss(model.Forward(Source(device), Targets(device), Padded), Targets(device)).Item();
        model.Loss(model.Forward(Source(device), Targets(device), Padded), Targets(device)).Backward();
        foreach (var (name, parameter) in model.NamedParameters())
        {
            double[] values = parameter.Value.ToArray<double>(), gradient = parameter.Grad!.ToArray<double>();
            using var noGrad = NoGrad.Begin();
            foreach (int at in new[] { 0, values.Length / 2, values.Length - 1 })
            {
                double Moved(double h)
                {
                    double[] moved = [.. values];
                    moved[at] += h;
                    parameter.CopyFrom(Tensor.From(moved, parameter.Shape, device));
                    return Loss();
                }

                Assert.That(gradient[at], Is.EqualTo((Moved(1e-5) - Moved(-1e-5)) / 2e-5).Within(1e-7), $"{name}[{at}]");
            }
            parameter.CopyFrom(Tensor.From(values, parameter.Shape, device));
        }
    }

    [Test]
    public void Predict_GivesTheLikeliestTokens()
    {
        var model = Make(AttentionScore.General);
        var y = model.Predict(Source());
        Assert.That((y.Shape, y.DType), Is.EqualTo((new Shape(3, 9), DType.Int32)));
        var found = model.Search(Source());
        for (int i = 0; i < 3; i++)
            Assert.That(y[i].ToArray<int>(), Is.EqualTo(found[i][0].Tokens.Concat(Enumerable.Repeat(End, 9 - found[i][0].Tokens.Count))));
    }

    [Test]
    public void ARun_InterruptedAndResumed_EndsWithTheVeryBits([ValueSource(nameof(Each))] AttentionScore attention)
    {
        var pairs = Pairs(60, 5, source => source);
        Trainer Make(ulong seed) => Seq2SeqExample.Trainer(new Seq2Seq(Small(attention) with { Dropout = 0.2 }, new Rng(seed)), 0.01);
        DataLoader<TokenPair> Data() => Seq2SeqExample.Batches(pairs, 8, 3);
        var whole = Make(1);
        whole.Fit(Data(), epochs: 3, rng: new Rng(7), callbacks: [Seq2SeqExample.Rate(24)]);

        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var checkpoints = new Checkpoints(folder.Path) { EverySteps = 2 };
        Assert.That(() => Make(1).Fit(Data(), epochs: 3, rng: new Rng(7), callbacks: [Seq2SeqExample.Rate(24), new StreamLoaderTests.Stop(11, cancel)], checkpoints: checkpoints, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var resumed = Make(50);
        resumed.Fit(Data(), epochs: 3, rng: new Rng(7), callbacks: [Seq2SeqExample.Rate(24), new StreamLoaderTests.Stop(-1, cancel)], checkpoints: checkpoints);
        Assert.That(Numbers(resumed), Is.EqualTo(Numbers(whole)));

        static float[] Numbers(Trainer trainer) => [.. trainer.Model.Parameters.SelectMany(p => p.Value.ToArray())];
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        var model = Make(AttentionScore.General);
        Assert.That(() => model.Forward(Source(), Pass.Train(new Rng(1))), Throws.InvalidOperationException.With.Message.Contains("targets"));
        Assert.That(() => model.Forward(Source(), Targets()[..2], Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("Seq2Seq 7 -> 7"));
        Assert.That(() => model.Forward(Source(), Targets()[.., ..0], Pass.Inference), Throws.TypeOf<ShapeException>());
        Assert.That(() => model.Forward(Source(), Targets(), Pass.Inference.WithLengths([4, 0, 3])), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(1));
        Assert.That(() => model.Forward(Tokens(null, new[,] { { 3, 7 } }), Targets()[..1], Pass.Inference), Throws.TypeOf<IndexException>());
        Assert.That(() => model.Search(Tensor.From([3, 4], [2])), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, S)"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => model.Search(Source(), cancel: cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        var settings = Small(AttentionScore.General);
        Assert.That(() => new Seq2Seq(settings with { EndToken = 7 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("EndToken"));
        Assert.That(() => new Seq2Seq(settings with { PaddingToken = End }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("PaddingToken"));
        Assert.That(() => new Seq2Seq(settings with { HiddenSize = 0 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("HiddenSize"));
        Assert.That(() => new Seq2Seq(settings with { Dropout = 1 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Seq2Seq(settings with { Attention = AttentionScore.Dot }, new Rng(1)), Throws.ArgumentException.With.Message.Contains("General"));
        Assert.That(() => new Seq2Seq(settings with { Attention = AttentionScore.Dot, Bidirectional = false }, new Rng(1)), Throws.Nothing);
    }
}
