using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Examples;

public class Word2VecTests
{
    private const int Groups = 5, InGroup = 8;

    /// <summary>Texts of words that come in groups, w0_0 to w0_7 for instance.</summary>
    private static WordCorpus Corpus()
    {
        var rng = new Rng(1);
        return WordCorpus.Of([.. Enumerable.Range(0, 600).Select(text => string.Join(' ', Enumerable.Range(0, 10).Select(_ => $"w{text % Groups}_{rng.NextInt(InGroup)}")))], WordSplit.Whitespace, 1, 1000);
    }

    private static WordCorpus Small(params string[] texts) => WordCorpus.Of(texts, WordSplit.Whitespace, 1, 1000);

    [TestCase("skip-gram")]
    [TestCase("cbow")]
    [TestCase("glove")]
    public void Training_PutsTheWordsOfAGroupTogether(string method)
    {
        using var folder = new TemporaryFolder();
        var settings = new RunSettings("word2vec", "cpu", 0, int.MaxValue, method == "glove" ? 40 : 12, method == "glove" ? 64 : 256, 1, 0.05, null, folder.Path, false);
        var corpus = Corpus();
        var (vectors, report) = method == "glove" ? Word2VecExample.GloVe(corpus, 16, 5, Device.Cpu, settings, default)
            : Word2VecExample.Word2Vec(corpus, 16, 5, 5, 0, method == "cbow", Device.Cpu, settings, default);
        Assert.That(vectors.Count, Is.EqualTo(Groups * InGroup));
        Assert.That(report.Epochs[^1].Loss, Is.LessThan(report.Epochs[0].Loss));
        foreach (string word in vectors.Words)
            Assert.That(vectors.Nearest(word, InGroup - 1).Select(near => near.Word[..2]), Has.All.EqualTo(word[..2]), word);
    }

    [Test]
    public void WordWindows_PairEachWordWithThoseNearIt()
    {
        var corpus = Small("a b c d e", "f g");
        var pairs = Pairs(new WordWindows(corpus, 1, 0, 4, 1, around: false)).ToList();
        Assert.That(pairs, Is.EquivalentTo(new[] { ("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"), ("c", "d"), ("d", "c"), ("d", "e"), ("e", "d"), ("f", "g"), ("g", "f") }));

        var wide = Enumerable.Range(0, 50).SelectMany(epoch => Pairs(new WordWindows(corpus, 3, 0, 4, 1, around: false), epoch)).CountBy(pair => pair).ToDictionary();
        Assert.That(wide[("a", "b")], Is.EqualTo(50), "always in the window");
        Assert.That(wide[("a", "c")], Is.InRange(20, 45), "two times of three");
        Assert.That(wide[("a", "d")], Is.InRange(5, 30), "one time of three");
        Assert.That(wide.ContainsKey(("a", "e")), Is.False);

        IEnumerable<(string, string)> Pairs(IBatches batches, int epoch = 0)
            => batches.Epoch(epoch, Device.Cpu).SelectMany(b => b.Inputs.ToArray<int>().Zip(b.Targets.ToArray<int>())).Select(pair => (corpus.Vocabulary[pair.First], corpus.Vocabulary[pair.Second]));
    }

    [Test]
    public void WordWindows_GiveTheWordsAroundEach_WithPaddingBehind()
    {
        var corpus = Small("a b c", "lonely");
        var rows = new WordWindows(corpus, 1, 0, 2, 1, around: true).Epoch(0, Device.Cpu).SelectMany(batch => batch.Inputs.ToArray<int>().Chunk(2).Zip(batch.Targets.ToArray<int>()))
            .Select(row => $"{string.Join(' ', row.First.Select(id => id == 0 ? "-" : corpus.Vocabulary[id]))} > {corpus.Vocabulary[row.Second]}");
        Assert.That(rows, Is.EquivalentTo(new[] { "b - > a", "a c > b", "b - > c" }));
    }

    [Test]
    public void WordWindows_LeaveFrequentWordsOut_AndComeAgainAsTheyWere()
    {
        var corpus = Small([.. Enumerable.Range(0, 200).Select(i => $"the x{i % 50} the y{i % 50} the")]);
        var batches = new WordWindows(corpus, 2, 1e-2, 64, 7, around: false);
        int[] first = Targets(0);
        int the = corpus.Vocabulary["the"];
        Assert.That(first.Count(word => word == the), Is.LessThan(first.Length / 3), "of three in five");
        Assert.That(Targets(0), Is.EqualTo(first));
        Assert.That(Targets(1), Is.Not.EqualTo(first));
        Assert.That(batches.Epoch(0, Device.Cpu, skip: 1).SelectMany(b => b.Targets.ToArray<int>()), Is.EqualTo(first[64..]));
        Assert.That(batches.CountBatches(), Is.EqualTo(batches.Epoch(0, Device.Cpu).Count()));

        int[] Targets(int epoch) => [.. batches.Epoch(epoch, Device.Cpu).SelectMany(batch => batch.Targets.ToArray<int>())];
    }

    [Test]
    public void WordPairs_CountByTheInverseOfTheDistance()
    {
        var corpus = Small("a b a", "b a c");
        var pairs = new WordPairs(corpus, 2, 2, 1, default);
        var found = pairs.Epoch(0, Device.Cpu).SelectMany(batch => batch.Inputs.ToArray<int>().Chunk(2).Zip(batch.Targets.ToArray()))
            .ToDictionary(pair => string.Concat(pair.First.Select(id => corpus.Vocabulary[id]).Order()), pair => pair.Second);
        Assert.That(found, Is.EquivalentTo(new Dictionary<string, float> { ["ab"] = 3, ["aa"] = 0.5f, ["bc"] = 0.5f, ["ac"] = 1 }));
    }

    [Test]
    public void WordCorpus_OfTooFewWords_SaysSo()
        => Assert.That(() => WordCorpus.Of(["once upon"], WordSplit.Whitespace, 5, 100), Throws.TypeOf<UserException>().With.Message.Contains("--min-count"));

    [Test]
    public void WordCorpus_OfNothing_SaysSo()
    {
        Assert.That(() => WordCorpus.Of([], WordSplit.Whitespace, 5, 100), Throws.TypeOf<UserException>().With.Message.Contains("no .txt files"));
        Assert.That(() => WordCorpus.Find("no such folder", 1, default), Throws.TypeOf<UserException>().With.Message.Contains("'no such folder'"));
    }

    [Test]
    public async Task WordCorpus_ReadsTheTextFilesOfAFolderAndBelow()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("below"));
        folder.Write("a.txt", "one"u8.ToArray());
        folder.Write("below/b.TXT", "two"u8.ToArray());
        folder.Write("c.bin", [0xFF]);
        Assert.That(await WordCorpus.Find(folder.Path, int.MaxValue, default), Is.EqualTo(new[] { "one", "two" }));
    }
}
