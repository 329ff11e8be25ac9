using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Data;

public class RandomBlocksTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 24)];

    private static int[][] Inputs(RandomBlocks data, int epoch, int skip = 0) => [.. data.Epoch(epoch, Device.Cpu, skip).Select(batch => batch.Inputs.ToArray<int>())];

    [Test]
    public void ABlock_IsAPartOfTheText_AndTargetsAreOneOn()
    {
        var data = new RandomBlocks(Tokens, batch: 3, block: 4, batches: 50, seed: 2);
        var starts = new HashSet<int>();
        foreach (var batch in data.Epoch(0, Device.Cpu))
        {
            Assert.That(batch.Inputs.Shape.Sizes.ToArray(), Is.EqualTo(new[] { 3, 4 }));
            int[] inputs = batch.Inputs.ToArray<int>(), targets = batch.Targets.ToArray<int>();
            Assert.That(targets, Is.EqualTo(inputs.Select(i => i + 1)));
            for (int row = 0; row < 3; row++)
            {
                Assert.That(inputs[(row * 4)..(row * 4 + 4)], Is.EqualTo(Enumerable.Range(inputs[row * 4], 4)));
                starts.Add(inputs[row * 4]);
            }
        }
        Assert.That(starts, Is.EquivalentTo(Enumerable.Range(0, 20)));    // the last target is the last token
        Assert.That((data.Count, data.BatchCount), Is.EqualTo((150, 50)));
    }

    [Test]
    public void AnEpoch_IsAFunctionOfItsNumber_AndTheSeed()
    {
        var data = new RandomBlocks(Tokens, 3, 4, 5, seed: 2);
        Assert.That(Inputs(data, 1), Is.EqualTo(Inputs(data, 1)));
        Assert.That(Inputs(data, 1, skip: 3), Is.EqualTo(Inputs(data, 1)[3..]));
        Assert.That(Inputs(data, 1), Is.Not.EqualTo(Inputs(data, 0)));
        Assert.That(Inputs(new RandomBlocks(Tokens, 3, 4, 5, seed: 3), 1), Is.Not.EqualTo(Inputs(data, 1)));
        Assert.That(Inputs(data, 0, skip: 5), Is.Empty);
    }

    [TestCase(3, 4, 25)]
    [TestCase(3, 4, 24)]
    [TestCase(5, 1, 7)]
    [TestCase(2, 20, 39)]
    public void EachTokenComesOnce_BeforeOneComesTwice(int batch, int block, int count)
    {
        int[] tokens = [.. Enumerable.Range(0, count)];
        var data = new RandomBlocks(tokens, batch, block, 12, seed: 4);
        int[][] blocks = [.. Enumerable.Range(0, 3).SelectMany(epoch => Inputs(data, epoch)).SelectMany(inputs => inputs.Chunk(block))];
        int round = Math.Max(1, (count - block) / block);
        int[][][] rounds = [.. blocks.Chunk(round)];
        foreach (int[][] one in rounds)
        {
            Assert.That(one.SelectMany(b => b), Is.Unique);
            Assert.That(one.Select(b => b[0] % block).Distinct().Count(), Is.EqualTo(1));
            foreach (int[] b in one) Assert.That(b, Is.EqualTo(Enumerable.Range(b[0], block)));
        }
        // Targets have the last token, too, and rounds are cut in different places.
        if (block > 1) Assert.That(rounds.Select(one => one.Min(b => b[0])).Distinct().Count(), Is.GreaterThan(2));
        Assert.That(Enumerable.Range(0, 3).SelectMany(epoch => data.Epoch(epoch, Device.Cpu)).Max(b => b.Targets.ToArray<int>().Max()), Is.LessThan(count));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        Assert.That(Inputs(new RandomBlocks(Tokens, 1, 23, 1), 0)[0], Is.EqualTo(Tokens[..23]));
        Assert.That(() => new RandomBlocks(Tokens, 1, 24, 1), Throws.ArgumentException.With.Message.Contains("takes 25"));
        Assert.That(() => new RandomBlocks(Tokens, 0, 4, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RandomBlocks(Tokens, 1, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RandomBlocks(Tokens, 1, 4, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
