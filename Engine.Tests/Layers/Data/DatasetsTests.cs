using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class DatasetsTests
{
    private static readonly Rng Rng = new(0);

    private static IDataset<int> Numbers(int count) => Datasets.From(Enumerable.Range(0, count).ToArray());

    private static int[] All(IDataset<int> data) => [.. Enumerable.Range(0, data.Count).Select(i => data.Get(i, Rng))];

    [Test]
    public void MapFilterSubsetTakeConcat_GiveTheExamplesOfLists()
    {
        Assert.That(All(Numbers(4).Map(n => n * n)), Is.EqualTo(new[] { 0, 1, 4, 9 }));
        Assert.That(All(Numbers(7).Filter(n => n % 3 == 1)), Is.EqualTo(new[] { 1, 4 }));
        Assert.That(All(Numbers(5).Subset(4, 0, 4)), Is.EqualTo(new[] { 4, 0, 4 }));
        Assert.That(All(Numbers(5).Take(2)), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(All(Numbers(2).Take(5)), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(All(Numbers(2).Concat(Numbers(0), Numbers(3))), Is.EqualTo(new[] { 0, 1, 0, 1, 2 }));
        Assert.That(() => Numbers(5).Subset(5), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("no example 5"));
        Assert.That(() => Numbers(2).Concat(Numbers(1)).Get(3, Rng), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Numbers(2).Concat(Numbers(1)).Get(-1, Rng), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Map_WithRandomNumbers_UsesTheExamplesOwn()
    {
        var data = Numbers(3).Map((n, rng) => n + rng.NextFloat());
        Assert.That(data.Get(1, new Rng(5)), Is.EqualTo(1 + new Rng(5).NextFloat()));
    }

    [Test]
    public void Split_CutsAPermutationOfTheSeed()
    {
        var parts = Numbers(10).Split(seed: 7, 6, 0, 4);
        int[] order = new Rng(7).Permutation(10);
        Assert.That(All(parts[0]), Is.EqualTo(order[..6]));
        Assert.That(parts[1].Count, Is.Zero);
        Assert.That(All(parts[2]), Is.EqualTo(order[6..]));
        Assert.That(() => Numbers(10).Split(1, 5, 4), Throws.ArgumentException.With.Message.Contains("9 examples"));
    }

    [TestCase(10, new[] { .8, .2 }, new[] { 8, 2 })]
    [TestCase(10, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, new[] { 4, 3, 3 })]
    [TestCase(11, new[] { .5, .25, .25 }, new[] { 6, 3, 2 })]
    [TestCase(1000, new[] { .7, .2, .1 }, new[] { 700, 200, 100 })]
    [TestCase(0, new[] { .5, .5 }, new[] { 0, 0 })]
    public void Split_ByFractions_GivesWhatRemainsToTheFirst(int count, double[] fractions, int[] counts)
        => Assert.That(Numbers(count).Split(1, fractions).Select(part => part.Count), Is.EqualTo(counts));

    [Test]
    public void Split_ByFractionsThatAreNotTheWhole_IsRefused()
    {
        Assert.That(() => Numbers(10).Split(1, .5, .4), Throws.ArgumentException.With.Message.Contains("0.9"));
        Assert.That(() => Numbers(10).Split(1, 1.5, -.5), Throws.ArgumentException);
        Assert.That(() => Numbers(10).Split(1, double.NaN), Throws.ArgumentException);
        Assert.That(() => Numbers(10).Split(1, ReadOnlySpan<double>.Empty), Throws.ArgumentException);
    }

    [Test]
    public void From_Tensors_GivesTheirRows()
    {
        var x = Tensor.From([1f, 2, 3, 4, 5, 6], [3, 2]);
        var example = Datasets.From(x, Tensor.From([7f, 8, 9], [3])).Get(2, Rng);
        Assert.That((example.Input.ToArray(), example.Target.ToArray()), Is.EqualTo((new[] { 5f, 6 }, new[] { 9f })));
        var labelled = Datasets.FromClasses(x, Tensor.From([0, 1, 2], [3])).Get(1, Rng);
        Assert.That((labelled.Input.ToArray(), labelled.Class), Is.EqualTo((new[] { 3f, 4 }, 1)));
        Assert.That(() => Datasets.From(x, Tensor.From([7f, 8], [2])), Throws.TypeOf<ShapeException>());
        Assert.That(() => Datasets.FromClasses(x, Tensor.From([7, 8, 9], [3, 1])), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void LabelledImages_AreADatasetWithoutCopies()
    {
        var images = new LabelledImages([1, 2, 3, 4, 5, 6], [7, 8], 3, 1, 1);
        IDataset<LabelledImage> data = images;
        var image = data.Get(1, Rng);
        Assert.That((image.Pixels.ToArray(), image.Size, image.Class), Is.EqualTo((new byte[] { 4, 5, 6 }, new ImageSize(3, 1, 1), 8)));
        Assert.That(() => data.Get(2, Rng), Throws.TypeOf<IndexException>());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) data.Get(i & 1, Rng);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000));
    }
}
