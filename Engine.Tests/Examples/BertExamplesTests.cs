using System.CommandLine;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Examples;

public class BertExamplesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    private const int Topics = 6, Words = 8;

    private static string Word(int topic, int word) => $"{"abcdef"[topic]}{"klmnopqr"[word]}";

    /// <summary>Documents on one topic each, whose sentences are runs through its words from a random one on: neighbours tell a hidden word, and the topics whether two
    /// sentences are of one document.</summary>
    private static string[] Documents(int count)
    {
        var rng = new Rng(9);
        return [.. Enumerable.Range(0, count).Select(d => string.Join('\n', Enumerable.Range(0, 6).Select(_ =>
        {
            int first = rng.NextInt(Words);
            return string.Join(' ', Enumerable.Range(first, 7).Select(word => Word(d % Topics, word % Words)));
        })))];
    }

    private static WordPieceTokenizer Tokenizer()
        => new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. from topic in Enumerable.Range(0, Topics) from word in Enumerable.Range(0, Words) select Word(topic, word)]);

    [Test]
    public void Pretraining_LearnsBothTasks_OnTextsThatItDidNotSee()
    {
        var corpus = BertCorpus.Of("topics", Documents(240), int.MaxValue);
        var tokenizer = Tokenizer();
        var collator = BertPretrainExample.Collator(tokenizer);
        var train = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Train, tokenizer, 16, 1600), collator, 32, 1);
        var held = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Held, tokenizer, 16, 400), collator, 100);
        var model = new BertForPreTraining(new BertConfig
        {
            VocabularySize = tokenizer.Count, HiddenSize = 32, HiddenLayers = 2, AttentionHeads = 2, IntermediateSize = 64, MaxPositions = 16, HiddenDropout = 0, AttentionDropout = 0,
            InitializerRange = 0.1,
        }, new Rng(1));
        var before = BertFigures.Of(model, held, default);
        var trainer = BertPretrainExample.Trainer(model, 3e-3);
        var history = trainer.Fit(train, held, 8, new Rng(1), [BertPretrainExample.Rate(8 * train.BatchCount!.Value)]);
        var after = BertFigures.Of(model, held, default);
        Assert.That(before.UnigramEntropy, Is.EqualTo(Math.Log(Topics * Words)).Within(0.1).And.EqualTo(after.UnigramEntropy));
        Assert.That(before.MaskedLoss, Is.GreaterThan(before.UnigramEntropy - 0.1));
        Assert.That(after.MaskedLoss, Is.LessThan(after.UnigramEntropy - 1));
        Assert.That(after.MaskedAccuracy, Is.GreaterThan(0.4));
        Assert.That(before.NextAccuracy, Is.EqualTo(0.5).Within(0.1));
        Assert.That(after.NextAccuracy, Is.GreaterThan(0.75));                  // at most 0.92: a sixth of the others are on the same topic
        Assert.That(history[^1].Validation!.Metrics["accuracy"], Is.EqualTo(after.NextAccuracy));
        Assert.That(history[^1].Loss, Is.LessThan(history[0].Loss));
    }
}
