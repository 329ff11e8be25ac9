using Engine.Examples;
using Engine.Layers;

namespace Engine.Tests.Examples;

public class SentenceFoldsTests
{
    private static LabelledTexts Texts(int count, string word) => new(Enumerable.Range(0, count).Select(i => new LabelledText($"{word}{i} end", i % 2)), ["no", "yes"]);

    private static string[] Words(SentenceFolds sets, IEnumerable<LabelledTokens> sentences) => [.. sentences.Select(s => sets.Words[s.Tokens.Span[0]])];

    [Test]
    public void WithoutATest_EachSentenceIsTestedOnce_AndLearnedFromInTheOtherFolds()
    {
        var sets = SentenceFolds.Of("mr", Texts(107, "w"), null, folds: 10, seed: 3);
        string[] all = [.. Enumerable.Range(0, 107).Select(i => $"w{i}")];
        Assert.That(sets.Folds.SelectMany(fold => Words(sets, fold.Test)), Is.EquivalentTo(all));
        foreach (var fold in sets.Folds)
        {
            Assert.That(Words(sets, fold.Train.Concat(fold.Dev).Concat(fold.Test)), Is.EquivalentTo(all));
            Assert.That(fold.Dev, Has.Length.EqualTo(9));
        }
        var other = SentenceFolds.Of("mr", Texts(107, "w"), null, folds: 1, seed: 4);
        Assert.That(Words(other, other.Folds[0].Test), Is.Not.EqualTo(Words(sets, sets.Folds[0].Test)));
        Assert.That(SentenceFolds.Of("mr", Texts(107, "w"), null, folds: 3, seed: 3).Folds, Has.Count.EqualTo(3));
    }

    [Test]
    public void ATestOfItsOwn_StaysWhole_AndItsWordsAreKnown()
    {
        var sets = SentenceFolds.Of("trec", Texts(50, "w"), Texts(7, "t"), folds: 10, seed: 1);
        Assert.That(sets.Folds, Has.Count.EqualTo(1));
        Assert.That(Words(sets, sets.Folds[0].Test), Is.EqualTo(Enumerable.Range(0, 7).Select(i => $"t{i}")));
        Assert.That((sets.Folds[0].Train.Length, sets.Folds[0].Dev.Length), Is.EqualTo((45, 5)));
        Assert.That(sets.Take(4).Folds[0].Test, Has.Length.EqualTo(4));
    }
}
