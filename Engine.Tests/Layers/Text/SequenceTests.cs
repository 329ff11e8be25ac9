using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class SequenceTests
{
    private static readonly ReadOnlyMemory<int>[] Rows = [new[] { 1, 2, 3, 4 }, new[] { 5 }, new[] { 6, 7 }];

    private static void Check(SequencePadding padding, Shape shape, int[] ids, int[]? lengths)
    {
        var (tokens, found) = padding.ToTensor(Rows);
        Assert.That(tokens.Shape, Is.EqualTo(shape));
        Assert.That(tokens.ToArray<int>(), Is.EqualTo(ids));
        Assert.That(found, Is.EqualTo(lengths));
    }

    [Test]
    public void TheLongest_GivesTheLength_UnlessOneIsGiven()
    {
        Check(new() { Token = 9 }, [3, 4], [1, 2, 3, 4, 5, 9, 9, 9, 6, 7, 9, 9], [4, 1, 2]);
        Check(new() { MaxLength = 2 }, [3, 2], [1, 2, 5, 0, 6, 7], [2, 1, 2]);
        Check(new() { MaxLength = 100 }, [3, 4], [1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 0, 0], [4, 1, 2]);
        Check(new() { Length = 5 }, [3, 5], [1, 2, 3, 4, 0, 5, 0, 0, 0, 0, 6, 7, 0, 0, 0], [4, 1, 2]);
        Check(new() { MinLength = 5 }, [3, 5], [1, 2, 3, 4, 0, 5, 0, 0, 0, 0, 6, 7, 0, 0, 0], [5, 5, 5]);
        Check(new() { Length = 1, MinLength = 3 }, [3, 1], [1, 5, 6], [1, 1, 1]);
    }

    [Test]
    public void PaddingAndCutting_HaveAnEndEach()
    {
        Check(new() { Length = 3, Cut = SequenceEnd.Start }, [3, 3], [2, 3, 4, 5, 0, 0, 6, 7, 0], [3, 1, 2]);
        Check(new() { Length = 3, Pad = SequenceEnd.Start }, [3, 3], [1, 2, 3, 0, 0, 5, 0, 6, 7], null);
        Check(SequencePadding.Keras(3), [3, 3], [2, 3, 4, 0, 0, 5, 0, 6, 7], null);
    }

    [Test]
    public void NoTokens_AreRefused_ByRow_UnlessTheyMayBePadding()
    {
        Assert.That(() => new SequencePadding().ToTensor([new[] { 1 }, default]), Throws.TypeOf<ShapeException>().With.Message.Contains("Row 1"));
        Assert.That(() => new SequencePadding { Length = 3 }.ToTensor([default]), Throws.TypeOf<ShapeException>());
        Assert.That(() => new SequencePadding().ToTensor([]), Throws.TypeOf<ShapeException>());
        var (tokens, lengths) = new SequencePadding { MinLength = 1 }.ToTensor([default, new[] { 4, 5 }]);
        Assert.That((tokens.ToArray<int>(), lengths), Is.EqualTo((new[] { 0, 0, 4, 5 }, new[] { 1, 2 })));
        Assert.That(SequencePadding.Keras(2).ToTensor([default]).Tokens.ToArray<int>(), Is.EqualTo(new[] { 0, 0 }));
    }

    [Test]
    public void LengthsBelowOne_AreRefused()
    {
        Assert.That(() => new SequencePadding { Length = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new SequencePadding { MaxLength = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new SequencePadding { MinLength = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static DataLoader<LabelledTokens> Loader(int[] lengths, int batchSize, bool shuffle, int workers = 0, ulong seed = 1, bool dropLast = false)
        => new(Datasets.From(lengths.Select((length, i) => new LabelledTokens(Enumerable.Repeat(i, length).ToArray(), i)).ToArray()), new SequenceCollator(), batchSize, seed,
            shuffle, workers: workers, lengths: lengths, dropLast: dropLast);

    [Test]
    public void SequenceCollator_FillsInputsClassesAndLengths()
    {
        var batch = Loader([3, 1, 2], 3, shuffle: false).Epoch(0, Device.Cpu).Single();
        Assert.That((batch.Inputs.Shape.ToString(), batch.Inputs.DType), Is.EqualTo(("(3, 3)", DType.Int32)));
        Assert.That(batch.Inputs.ToArray<int>(), Is.EqualTo(new[] { 1, 0, 0, 2, 2, 0, 0, 0, 0 }), "the shortest first");
        Assert.That((batch.Targets.ToArray<int>(), batch.Lengths), Is.EqualTo((new[] { 1, 2, 0 }, new[] { 1, 2, 3 })));
    }

    [Test]
    public void AnEmptyText_IsNamedByItsNumber([Values(0, 2)] int workers)
    {
        var error = Assert.Throws<DataLoadException>(() => _ = Loader([4, 3, 0, 5], 2, shuffle: false, workers: workers).Epoch(0, Device.Cpu).Count())!;
        Assert.That((error.Index, error.InnerException is ShapeException), Is.EqualTo(((long?)2, true)));
        DataThreads.RequireNone();
    }

    [Test]
    public void PairCollator_PadsBothSides()
    {
        TokenPair[] pairs = [new(new[] { 1, 2, 3 }, new[] { 4 }), new(new[] { 5 }, new[] { 6, 7 })];
        var batch = new DataLoader<TokenPair>(Datasets.From(pairs), new PairCollator(target: new() { Token = -1 }), 2).Epoch(0, Device.Cpu).Single();
        Assert.That(batch.Inputs.ToArray<int>(), Is.EqualTo(new[] { 1, 2, 3, 5, 0, 0 }));
        Assert.That((batch.Targets.ToArray<int>(), batch.Lengths), Is.EqualTo((new[] { 4, -1, 6, 7 }, new[] { 3, 1 })));
    }

    [Test]
    public void Buckets_HaveAllExamples_OfLikeLengths_WhateverTheWorkers([Values(1, 7, 32)] int batchSize)
    {
        var rng = new Rng(5);
        int[] lengths = [.. Enumerable.Range(0, 1001).Select(_ => 1 + rng.NextInt(200))];
        int[][] Classes(int workers, int epoch, ulong seed = 1) => [.. Loader(lengths, batchSize, shuffle: true, workers, seed).Epoch(epoch, Device.Cpu).Select(batch => batch.Targets.ToArray<int>())];
        int[][] first = Classes(0, 0);
        Assert.That(first.SelectMany(batch => batch), Is.EquivalentTo(Enumerable.Range(0, 1001)));
        Assert.That(first.SkipLast(1).All(batch => batch.Length == batchSize));
        Assert.That(Classes(3, 0), Is.EqualTo(first));
        Assert.That(Classes(0, 1), Is.Not.EqualTo(first));
        Assert.That(Classes(0, 0, seed: 2), Is.Not.EqualTo(first));
        double padded = first.Sum(batch => batch.Max(i => lengths[i]) * (double)batch.Length) / lengths.Sum();
        Assert.That(padded, Is.LessThan(batchSize == 1 ? 1.0001 : 1.15), "random batches of 32 would be twice as large as their tokens");
        int[] longest = [.. first.Select(batch => batch.Max(i => lengths[i]))];
        Assert.That(longest, Is.Not.Ordered);
    }

    [Test]
    public void Buckets_NotShuffled_AreSorted_AndDropWhatIsNotFull()
    {
        int[] lengths = [5, 1, 4, 2, 3];
        Assert.That(Loader(lengths, 2, shuffle: false).Epoch(0, Device.Cpu).Select(batch => batch.Targets.ToArray<int>()), Is.EqualTo(new int[][] { [1, 3], [4, 2], [0] }));
        Assert.That(Loader(lengths, 2, shuffle: true, dropLast: true).Epoch(0, Device.Cpu).Select(batch => batch.Count), Is.EqualTo(new[] { 2, 2 }));
        Assert.That(Loader(lengths, 2, shuffle: true).Settings, Does.Contain("by length"));
        Assert.That(Loader([], 2, shuffle: true).Epoch(0, Device.Cpu), Is.Empty);
    }

    [Test]
    public void Buckets_LeaveOutExamplesOfAnyLength_WhereTheLastBatchIsDropped()
    {
        int[] lengths = [.. Enumerable.Range(1, 103)];
        int[][] left = [.. Enumerable.Range(0, 60).Select(epoch => Enumerable.Range(0, 103).Except(Loader(lengths, 10, shuffle: true, dropLast: true).Epoch(epoch, Device.Cpu).SelectMany(batch => batch.Targets.ToArray<int>())).ToArray())];
        Assert.That(left, Is.All.Length.EqualTo(3));
        Assert.That(left.SelectMany(some => some).Average(), Is.EqualTo(51).Within(12));
        Assert.That(left.SelectMany(some => some).Distinct().Count(), Is.GreaterThan(60));
    }

    [Test]
    public void Buckets_OfVeryLargeBatches_AreOneBatch()
        => Assert.That(Loader([2, 1, 3], int.MaxValue / 50, shuffle: true).Epoch(0, Device.Cpu).Select(batch => batch.Count), Is.EqualTo(new[] { 3 }));

    [Test]
    public void Buckets_GoOnInMidEpoch()
    {
        int[] lengths = [.. Enumerable.Range(1, 50)];
        int[][] all = [.. Loader(lengths, 4, shuffle: true).Epoch(3, Device.Cpu).Select(batch => batch.Targets.ToArray<int>())];
        Assert.That(Loader(lengths, 4, shuffle: true, workers: 2).Epoch(3, Device.Cpu, skip: 5).Select(batch => batch.Targets.ToArray<int>()), Is.EqualTo(all[5..]));
        DataThreads.RequireNone();
    }

    [Test]
    public void Buckets_OfOtherCounts_AreRefused()
    {
        var data = Datasets.From(new LabelledTokens[3]);
        Assert.That(() => new DataLoader<LabelledTokens>(data, new SequenceCollator(), 2, lengths: [1, 2]), Throws.ArgumentException.With.Message.Contains("2 lengths for 3"));
        Assert.That(() => new DataLoader<LabelledTokens>(data, new SequenceCollator(), 2, lengths: [1, 2, 3], weights: [1, 1, 1]), Throws.ArgumentException);
    }
}
