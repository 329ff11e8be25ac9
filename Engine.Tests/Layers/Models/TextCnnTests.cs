using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Models;

public class TextCnnTests
{
    private const int Words = 40, Padding = 0;

    private static TextCnn Model(ulong seed, int classes = 2)
    {
        var rng = new Rng(seed);
        return new TextCnn(new Embedding(Words, 16, rng, paddingIndex: Padding, init: Init.Uniform(-0.25, 0.25)), classes, rng, windows: [2, 3], filters: 8);
    }

    /// <summary>Sentences of 2 to 12 words, in each of which words 1 and 2 come once: side by side in that order, class 1, or in the other, class 0.</summary>
    private static LabelledTokens[] Sentences(int count, ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int[] words = [.. Enumerable.Range(0, rng.NextInt(11)).Select(_ => 3 + rng.NextInt(Words - 3))];
            int at = rng.NextInt(words.Length + 1), right = i % 2;
            return new LabelledTokens((int[])[.. words[..at], 2 - right, 1 + right, .. words[at..]], right);
        })];
    }

    private static DataLoader<LabelledTokens> Batches(LabelledTokens[] sentences, bool shuffle = false)
        => new(Datasets.From<LabelledTokens>(sentences), new SequenceCollator(), 20, seed: 1, shuffle, lengths: [.. sentences.Select(s => s.Tokens.Length)]);

    [Test]
    public void TextCnn_LearnsTheOrderOfTwoWords_WithinItsBound()
    {
        var model = Model(1);
        double most = 0;
        var trainer = new Trainer(model, new Adadelta(model.Parameters, rho: 0.95), Loss.CrossEntropy, new Accuracy())
        {
            AfterStep = _ =>
            {
                model.LimitNorm(3);
                most = Math.Max(most, RowNorms(model).Max());
            },
        };
        var history = trainer.Fit(Batches(Sentences(400, 1), shuffle: true), Batches(Sentences(100, 2)), epochs: 12, new Rng(3));
        Assert.That(history[0].Validation!.Metrics["accuracy"], Is.LessThan(0.9), "nothing to learn");
        Assert.That(history[^1].Validation!.Metrics["accuracy"], Is.GreaterThanOrEqualTo(0.98));
        Assert.That(most, Is.LessThanOrEqualTo(3.0001).And.GreaterThan(0.5));
    }

    [Test]
    public void ASentenceInAPaddedBatch_GivesWhatItGivesAlone()
    {
        var model = Model(2);
        model.Parameters[0].CopyFrom(Enumerable.Range(0, Words * 16).Select(i => MathF.Sin(i)).ToArray());     // padding's vector too
        int[][] sentences = [[3, 1, 2, 7, 9, 4], [5], [8, 6, 1]];
        var (ids, lengths) = new SequencePadding().ToTensor([.. sentences.Select(s => (ReadOnlyMemory<int>)s)]);
        float[] together = model.Forward(ids, Pass.Inference.WithLengths(lengths)).ToArray();
        float[] alone = [.. sentences.SelectMany(s => model.Predict(Tensor.From(s, [1, s.Length])).ToArray())];
        Assert.That(together, Is.EqualTo(alone).Within(1e-6));
    }

    [Test]
    public void TextCnn_OfWhatDoesNotFit_SaysSo()
    {
        var model = Model(1);
        Assert.That(() => model.Predict(Tensor.From([1, 2], [2])), Throws.TypeOf<ShapeException>().With.Message.Contains("must be (N, T)"));
        Assert.That(() => model.Forward(Tensor.From([1, 2, 0, 0], [2, 2]), Pass.Inference.WithLengths([2, 0])), Throws.TypeOf<SequenceException>().With.Message.Contains("sequence 1 of").And.Message.Contains("has 0 steps"));
        var words = new Embedding(5, 4, new Rng(1));
        Assert.That(() => new TextCnn(words, 2, new Rng(1), windows: []), Throws.ArgumentException.With.Message.Contains("no windows"));
        Assert.That(() => new TextCnn(new Embedding(5, 4, new Rng(1)), 2, new Rng(1), windows: [3, 3]), Throws.ArgumentException.With.Message.Contains("'window3' already"));
    }

    private static double[] RowNorms(TextCnn model)
        => [.. model.NamedParameters().Single(p => p.Key == "dense.weight").Value.Value.ToArray().Chunk(16).Select(row => Math.Sqrt(row.Sum(w => (double)w * w)))];
}
