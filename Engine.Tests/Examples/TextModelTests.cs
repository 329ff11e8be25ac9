using Engine.Core;
using Engine.Examples;
using Engine.Layers;

namespace Engine.Tests;

public class TextModelTests
{
    private static readonly string[] Common = ["the", "film", "was", "we", "saw", "it", "and", "then"];

    /// <summary>Texts of common words, 5 to 20 of them, with one word somewhere that tells the class.</summary>
    private static LabelledTexts Draw(int count, string[] classWords, Rng rng) => new(Enumerable.Range(0, count).Select(i =>
    {
        string[] words = [.. Enumerable.Range(0, 5 + rng.NextInt(16)).Select(_ => Common[rng.NextInt(Common.Length)])];
        words[rng.NextInt(words.Length)] = classWords[i % classWords.Length];
        return new LabelledText(string.Join(' ', words), i % classWords.Length);
    }), classWords);

    private static double Learn(string[] classWords, Func<int, Rng, Layer> build, LossFunction loss)
    {
        var texts = new TextSource("drawn", Draw(240, classWords, new Rng(5)), Draw(60, classWords, new Rng(6)));
        var batches = new TextBatches(texts, 100, 20, SequenceEnd.Start);
        var rng = new Rng(1);
        var model = build(batches.Vocabulary, rng);
        var trainer = new Trainer(model, LstmModel.Optimizer(model, 5e-3), loss, new Accuracy());
        return trainer.Fit(batches.Batches(16, 1), batches.TestBatches(), 6, rng)[^1].Validation!.Metrics["accuracy"];
    }

    [Test]
    public void TheLstmModel_LearnsWhichWordMatters()
        => Assert.That(Learn(["good", "bad", "dull"], (words, rng) => LstmModel.Build(words, 3, rng), Loss.CrossEntropy), Is.GreaterThan(0.95));

    [Test]
    public void TheBilstmModel_LearnsWhichWordMatters()
        => Assert.That(Learn(["bad", "good"], BilstmModel.Build, BilstmModel.Loss), Is.GreaterThan(0.95));

    [Test]
    public void TheTransformerModel_LearnsWhichWordMatters()
        => Assert.That(Learn(["bad", "good"], (words, rng) => TransformerImdbModel.Build(words, 20, rng), Loss.CrossEntropy), Is.GreaterThan(0.95));

    [Test]
    public void Batches_KeepWhatTheModelSees()
    {
        var texts = new TextSource("some", new LabelledTexts([new("a b c d", 0), new("", 1)], ["x", "y"]), new LabelledTexts([new("d never", 0)], ["x", "y"]));
        var batches = new TextBatches(texts, 100, 2, SequenceEnd.Start);
        Assert.That(batches.Vocabulary, Is.EqualTo(6));
        Assert.That((batches.Train[0].Tokens.ToArray(), batches.Train[1].Tokens.Length), Is.EqualTo((new[] { 4, 5 }, 0)));
        Assert.That(batches.Test[0].Tokens.ToArray(), Is.EqualTo(new[] { 5, 1 }));
        Assert.That(new TextBatches(texts, 100, 2, SequenceEnd.Start, keepUnknown: false).Test[0].Tokens.ToArray(), Is.EqualTo(new[] { 5 }));
        Assert.That(() => TextSource.Find("reuters", 1, default), Throws.TypeOf<UserException>().With.Message.Contains("20newsgroups"));
    }
}
