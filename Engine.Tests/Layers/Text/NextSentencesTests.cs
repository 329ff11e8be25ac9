using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class NextSentencesTests
{
    private const int Classify = 1, Separate = 2, Mask = 3, Tokens = 10_000;

    /// <summary>Token 100·d + s of document d's sentence s, so many times.</summary>
    private static TokenDocument Document(int d, params int[] lengths)
        => new(lengths.Select((length, s) => new TokenSegment(Enumerable.Repeat(100 * d + s, length).ToArray(), default)));

    private static int[] Of(TokenSegment segment) => segment.Tokens.ToArray();

    [Test]
    public void Half_OfThePairs_AreReal_AndTheOthersAreNeverOfOneDocument()
    {
        var pairs = new NextSentences([Document(1, 2, 2, 2), Document(2, 2, 2), Document(3, 5), Document(4, 2, 2, 2, 2)], 4, perEpoch: 6000);
        int real = 0;
        var seconds = new Dictionary<(bool IsNext, int Token), int>();
        for (int i = 0; i < pairs.Count; i++)
        {
            var pair = pairs.Get(i, new Rng(3).Split((ulong)i));
            int first = Of(pair.First)[^1], second = Of(pair.Second)[0];
            Assert.That(second % 100, Is.GreaterThan(0), "A second part begins with a sentence that has one before it.");
            if (pair.IsNext) Assert.That(second, Is.EqualTo(first + 1));
            else Assert.That(second / 100, Is.Not.EqualTo(first / 100));
            if (pair.IsNext) real++;
            var key = (pair.IsNext, second);
            seconds[key] = seconds.GetValueOrDefault(key) + 1;
        }
        Assert.That(real, Is.EqualTo(3000).Within(5 * Math.Sqrt(6000 * 0.25)));
        Assert.That(seconds.Keys.Select(key => key.Token).Distinct().Order(), Is.EqualTo(new[] { 101, 102, 201, 401, 402, 403 }));
        foreach (int token in new[] { 101, 102, 201, 401, 402, 403 }) Assert.That(seconds[(true, token)], Is.EqualTo(500).Within(110));
    }

    [Test]
    public void AnEpoch_GoesThroughEveryPlaceBetweenTwoSentences()
    {
        var pairs = new NextSentences([Document(1, 1, 1, 1), Document(2, 1), Document(3, 1, 1)], 2);
        Assert.That(pairs.Count, Is.EqualTo(3));
        Assert.That(Enumerable.Range(0, 3).Select(i => Of(pairs.Get(i, new Rng(1)).First)[0]), Is.EqualTo(new[] { 100, 101, 300 }));
    }

    [TestCase(new[] { 10, 10 }, 8, 4, 4)]
    [TestCase(new[] { 10, 10 }, 9, 5, 4)]
    [TestCase(new[] { 2, 10 }, 8, 2, 6)]
    [TestCase(new[] { 10, 2 }, 8, 6, 2)]
    [TestCase(new[] { 2, 3 }, 8, 2, 3)]
    [TestCase(new[] { 10, 10 }, 2, 1, 1)]
    public void ALongPair_IsCutToTheLength_AtItsOuterEnds(int[] lengths, int length, int first, int second)
    {
        var pairs = new NextSentences([Document(1, lengths), Document(2, lengths)], length);
        var pair = Enumerable.Range(0, 20).Select(i => pairs.Get(0, new Rng((ulong)i))).First(pair => pair.IsNext);
        Assert.That((Of(pair.First), Of(pair.Second)), Is.EqualTo((Enumerable.Repeat(100, first).ToArray(), Enumerable.Repeat(101, second).ToArray())));
    }

    [Test]
    public void PartsReach_OverSeveralSentences()
    {
        var pairs = new NextSentences([Document(1, 2, 2, 2, 2), Document(2, 1, 1)], 6);
        var pair = Enumerable.Range(0, 20).Select(i => pairs.Get(1, new Rng((ulong)i))).First(pair => pair.IsNext);
        Assert.That((Of(pair.First), Of(pair.Second)), Is.EqualTo((new[] { 100, 101, 101 }, new[] { 102, 102, 103 })));
    }

    [Test]
    public void TooFewDocuments_OrTooShortOnes_AreRefused()
    {
        Assert.That(() => new NextSentences([Document(1, 3, 3, 3)], 8), Throws.ArgumentException.With.Message.Contains("Of 1 documents, 1"));
        Assert.That(() => new NextSentences([Document(1, 3, 3), Document(2, 3), Document(3, 3, 0), Document(4)], 8), Throws.ArgumentException.With.Message.Contains("Of 4 documents, 1"));
        Assert.That(() => new NextSentences([], 8), Throws.ArgumentException);
        TokenDocument[] two = [Document(1, 3, 3), Document(2, 3, 3)];
        Assert.That(() => new NextSentences(two, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new NextSentences(two, 8, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new NextSentences(two, 8).Get(2, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void WordsOfADocument_AreNumberedThrough()
    {
        var document = new TokenDocument([new(new[] { 5, 6, 7 }, new[] { 0, 0, 1 }), new(default, default), new(new[] { 8, 9, 9 }, new[] { 1, 1, 0 })]);
        Assert.That((document.Sentences, document.Content.Words.ToArray()), Is.EqualTo((2, new[] { 0, 0, 1, 2, 2, 3 })));
        Assert.That(() => new TokenDocument([new(new[] { 5, 6 }, new[] { 0 })]), Throws.ArgumentException.With.Message.Contains("Sentence 0"));
        Assert.That(() => new TokenDocument([new(new[] { 5 }, default), new(new[] { 6 }, new[] { 0 })]), Throws.ArgumentException.With.Message.Contains("Sentence 1"));
        Assert.That(() => new TokenDocument([new(new[] { 5 }, new[] { 0 }), new(new[] { 6 }, default)]), Throws.ArgumentException.With.Message.Contains("Sentence 1"));
    }

    private static MaskedPairCollator Collator(bool wholeWords = false, double rate = 0.15)
        => new(Classify, Separate, 0, new TokenMasking(Mask, Tokens, 0, Classify, Separate) { Rate = rate, WholeWords = wholeWords });

    [Test]
    public void ABatch_HasThePartsBetweenTheirMarks_AndWhatWasHidden()
    {
        Drawn<SegmentPair>[] examples = [.. new SegmentPair[]
        {
            new(new(new[] { 11, 12 }, default), new(new[] { 13 }, default), true),
            new(new(new[] { 21 }, default), new(new[] { 22, 23, 24 }, default), false),
        }.Select((pair, i) => new Drawn<SegmentPair>(pair, new Rng((ulong)i)))];
        var batch = new HostBatch();
        Collator(rate: 0.5).Collate(examples, batch, new Rng(1));
        int[] whole = [Classify, 11, 12, Separate, 13, Separate, 0, Classify, 21, Separate, 22, 23, 24, Separate], ids = batch.Inputs.Ints.ToArray();
        int[] places = batch.Other(MaskedPairCollator.Places).Ints.ToArray(), labels = batch.Other(MaskedPairCollator.Labels).Ints.ToArray();
        Assert.That(places, Has.Length.EqualTo(4).And.Ordered.And.SubsetOf(new[] { 1, 2, 4, 8, 10, 11, 12 }));
        Assert.That(places.Count(place => place < 7), Is.EqualTo(2));
        Assert.That(labels, Is.EqualTo(places.Select(place => whole[place])));
        for (int i = 0; i < whole.Length; i++)
            if (!places.Contains(i)) Assert.That(ids[i], Is.EqualTo(whole[i]));
        Assert.That(batch.Inputs.Shape, Is.EqualTo(new Shape(2, 7)));
        Assert.That(batch.Other(MaskedPairCollator.Types).Ints.ToArray(), Is.EqualTo(new[] { 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1 }));
        Assert.That(batch.Lengths, Is.EqualTo(new[] { 6, 7 }));
        Assert.That(batch.Targets.Ints.ToArray(), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void WholeWords_OfPairs_AreHiddenTogether()
    {
        var documents = Enumerable.Range(1, 9).Select(d => new TokenDocument(Enumerable.Range(0, 4).Select(_
            => new TokenSegment(Enumerable.Range(0, 8).Select(i => 100 * d + i / 2).ToArray(), Enumerable.Range(0, 8).Select(i => i / 2).ToArray()))));
        var loader = new DataLoader<SegmentPair>(new NextSentences(documents, 20), Collator(wholeWords: true), 4, 1);
        foreach (var batch in loader.Epoch(0, Device.Cpu))
        {
            // Each word is a token twice, so one that is hidden whole has its two places side by side, but where the pair's cut goes through it.
            int[] places = batch["places"].ToArray<int>(), labels = batch["labels"].ToArray<int>();
            Assert.That(places.Length % 2, Is.Zero);
            for (int i = 0; i < places.Length; i += 2) Assert.That((places[i + 1], labels[i + 1]), Is.EqualTo((places[i] + 1, labels[i])));
        }
        var plain = new DataLoader<SegmentPair>(new NextSentences([Document(1, 3, 3), Document(2, 3, 3)], 6), Collator(wholeWords: true), 4, 1);
        Assert.That(() => plain.Epoch(0, Device.Cpu).Count(), Throws.TypeOf<DataLoadException>().With.Message.Contains("example 0").And.Message.Contains("words"));
    }

    [Test]
    public void Batches_HaveTheSameBits_ForAnyNumberOfWorkers_AndFromAnyBatchOn()
    {
        var documents = Enumerable.Range(1, 30).Select(d => Document(d, [.. Enumerable.Range(0, 2 + d % 5).Select(s => 1 + (3 * d + s) % 7)])).ToArray();
        int[][] Bits(int workers, int skip = 0, int epoch = 1) => [.. new DataLoader<SegmentPair>(new NextSentences(documents, 12), Collator(), 8, 5, shuffle: true, workers: workers)
            .Epoch(epoch, Device.Cpu, skip).Select(batch => (int[])[.. batch.Inputs.ToArray<int>(), .. batch.Targets.ToArray<int>(), .. batch.Lengths!,
                .. batch["types"].ToArray<int>(), .. batch["places"].ToArray<int>(), .. batch["labels"].ToArray<int>()])];
        int[][] alone = Bits(0);
        foreach (int workers in new[] { 1, 2, 5 }) Assert.That(Bits(workers), Is.EqualTo(alone));
        Assert.That(Bits(2, skip: 3), Is.EqualTo(alone[3..]));
        Assert.That(Bits(0, epoch: 2), Is.Not.EqualTo(alone));
    }

    [Test]
    public void AMaskingThatMayHideTheMarks_IsRefused()
        => Assert.That(() => new MaskedPairCollator(Classify, Separate, 0, new TokenMasking(Mask, Tokens, Classify)), Throws.ArgumentException.With.Message.Contains($"Token {Separate}"));

    [Test]
    public void ABatchWithoutThatName_SaysWhichItHas()
    {
        var batch = new Batch(Tensor.Zeros([1]), Tensor.Zeros([1])) { Others = new Dictionary<string, Tensor> { ["types"] = Tensor.Zeros([1]) } };
        Assert.That(() => batch["places"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("'places'").And.Message.Contains("types"));
        Assert.That(() => default(Batch)["x"], Throws.TypeOf<KeyNotFoundException>());
    }
}
