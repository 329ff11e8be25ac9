using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Transformer;

public class TransformerTests
{
    private const int End = 1, Start = 2;

    private static readonly int[] Lengths = [4, 2, 3];

    private static TransformerSettings Small(int width = 8) => new()
    {
        SourceTokens = 7,
        TargetTokens = 7,
        StartToken = Start,
        EndToken = End,
        Width = width,
        Heads = 2,
        Inner = 2 * width,
        EncoderLayers = 2,
        DecoderLayers = 2,
        MaxLength = 9,
    };

    private static Engine.Layers.Transformer Make(bool tie = true, bool normFirst = false) => new(Small() with { TieOutput = tie, NormFirst = normFirst }, new Rng(4));

    private static Tensor Source => Tensor.From([3, 4, 5, 6, 6, 5, 0, 0, 4, 4, 3, 0], [3, 4]);

    private static Tensor Targets => Tensor.From([4, 5, 1, 3, 1, 0, 6, 6, 1], [3, 3]);

    private static TokenPair[] Pairs(int count, ulong seed)
    {
        var rng = new Rng(seed);
        var pairs = new TokenPair[count];
        for (int i = 0; i < count; i++)
        {
            int[] source = [.. Enumerable.Range(0, 2 + rng.NextInt(4)).Select(_ => 3 + rng.NextInt(4))];
            pairs[i] = new TokenPair(source, (int[])[.. source.Reverse(), End]);
        }
        return pairs;
    }

    [Test]
    public void ASequence_IsLearnedBackward_AndTheAttentionLooksThere()
    {
        var model = new Engine.Layers.Transformer(Small(32) with { Dropout = 0, EncoderLayers = 1, DecoderLayers = 1, NormFirst = true }, new Rng(1));
        TokenPair[] learned = Pairs(1200, 1), all = Pairs(800, 2);
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
        int looked = 0, places = 0;
        foreach (var pair in fresh.Take(50))
        {
            int n = pair.Source.Length;
            int[] best = model.AttentionWeights(Tensor.From(pair.Source.Span, [1, n]), Tensor.From(pair.Target.Span, [1, n + 1]), Pass.Inference)[0].ArgMax().ToArray<int>();
            for (int t = 0; t < n; t++, places++)
                if (Math.Abs(best[t] - (n - 1 - t)) <= 1) looked++;
        }
        TestContext.Out.WriteLine($"{looked} of {places}");
        Assert.That(looked, Is.GreaterThanOrEqualTo(0.6 * places));
    }

    [Test]
    public void GreedySearchByTheCache_WritesWhatWholePassesWrite([Values] bool tie, [Values] bool normFirst)
    {
        using var noGrad = NoGrad.Begin();
        var model = Make(tie, normFirst);
        var found = model.Search(Source, Lengths);
        var memory = model.Encode(Source, Pass.Inference.WithLengths(Lengths));
        for (int row = 0; row < 3; row++)
        {
            var tokens = new List<int> { Start };
            double score = 0;
            while (tokens.Count <= 9 && (tokens.Count == 1 || tokens[^1] != End))
            {
                var logs = model.Decode(Tensor.From(tokens.ToArray(), [1, tokens.Count]), memory[row..(row + 1)], [Lengths[row]], Pass.Inference)[0, ^1].LogSoftmax();
                int next = logs.ArgMax().ToArray<int>()[0];
                score += logs.ToArray()[next];
                tokens.Add(next);
            }
            Assert.That(found[row][0].Tokens, Is.EqualTo(tokens.Skip(1).TakeWhile(token => token != End)));
            Assert.That(found[row][0].Score, Is.EqualTo(score).Within(1e-4));
        }
    }

    [Test]
    public void Search_LeavesNothingBehind([Values(1, 3)] int width)
    {
        using var device = new CpuDevice(1);
        var model = Make().To(device);
        var source = Tensor.From(Source.ToArray<int>(), Source.Shape, device);
        long before = device.BytesInUse;
        model.Search(source, Lengths, width);
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void BeamSearchByTheCache_ScoresAsTeacherForcingDoes()
    {
        var model = Make();
        var found = model.Search(Source, Lengths, width: 4);
        for (int row = 0; row < 3; row++)
            foreach (var hypothesis in found[row])
            {
                int[] target = hypothesis.Tokens.Count < 9 ? [.. hypothesis.Tokens, End] : [.. hypothesis.Tokens];
                var logs = model.Forward(Source[row..(row + 1), ..Lengths[row]], Tensor.From(target, [1, target.Length]), Pass.Inference)[0].LogSoftmax().ToArray();
                double sum = target.Select((token, t) => (double)logs[t * 7 + token]).Sum();
                Assert.That(hypothesis.Score, Is.EqualTo(sum).Within(1e-4));
            }
    }

    [Test]
    public void AttentionWeights_SumToOne_AndStopAtASourcesEnd()
    {
        var weights = Make().AttentionWeights(Source, Targets, Pass.Inference.WithLengths(Lengths));
        Assert.That(weights.Shape, Is.EqualTo(new Shape(3, 3, 4)));
        Assert.That(weights.Sum([2]).ToArray(), Is.All.EqualTo(1f).Within(1e-6f));
        Assert.That(weights[1, .., 2..].ToArray(), Is.All.EqualTo(0f));
    }

    [Test]
    public void Parts_AreNamed_AndATiedMatrixIsOneParameter()
    {
        string[] names = [.. Make().NamedParameters().Select(p => p.Key)];
        Assert.That(names[..2], Is.EqualTo(new[] { "source_embedding.weight", "target_embedding.weight" }));
        Assert.That(names, Does.Contain("encoder.layers.1.self_attn.in_proj_weight").And.Contain("decoder.layers.0.multihead_attn.out_proj.bias").And.No.Member("encoder.norm.weight").And.No.Member("output.weight"));
        Assert.That((string[])[.. Make(tie: false, normFirst: true).NamedParameters().Select(p => p.Key)], Does.Contain("output.bias").And.Contain("decoder.norm.weight"));
    }

    [Test]
    public void BadInput_IsRefused()
    {
        Assert.That(() => new Engine.Layers.Transformer(Small() with { EndToken = 7 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Engine.Layers.Transformer(Small() with { DecoderLayers = 0 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Engine.Layers.Transformer(Small() with { Dropout = 1 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        var model = Make();
        Assert.That(() => model.Forward(Source, Targets[..2], Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, T)"));
        Assert.That(() => model.Predict(Tensor.From([3], [1])), Throws.TypeOf<ShapeException>());
        Assert.That(() => model.Forward(Source, Pass.Train(new Rng(1))), Throws.InvalidOperationException);
        Assert.That(() => model.Search(Source, [4, 2, 5]), Throws.TypeOf<SequenceException>());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => model.Search(Source, Lengths, cancel: cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(model.Search(Tensor.From(Array.Empty<int>(), [0, 4])), Is.Empty);
    }
}
