using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Data;

public class ContiguousBatchesTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 24)];

    [Test]
    public void ARow_GoesOnInTheNextBatch_AndTargetsAreOneOn()
    {
        var data = new ContiguousBatches(Tokens, streams: 2, steps: 4);
        var batches = data.Epoch(0, Device.Cpu).ToArray();
        Assert.That((data.Count, data.BatchCount, batches.Length), Is.EqualTo((4, 2, 2)));
        Assert.That(batches[0].Inputs.ToArray<int>(), Is.EqualTo(new[] { 0, 1, 2, 3, 11, 12, 13, 14 }));
        Assert.That(batches[0].Targets.ToArray<int>(), Is.EqualTo(new[] { 1, 2, 3, 4, 12, 13, 14, 15 }));
        Assert.That(batches[1].Inputs.ToArray<int>(), Is.EqualTo(new[] { 4, 5, 6, 7, 15, 16, 17, 18 }));
        Assert.That(data.Epoch(3, Device.Cpu, skip: 1).Single().Inputs.ToArray<int>(), Is.EqualTo(batches[1].Inputs.ToArray<int>()));
        Assert.That(data.Epoch(0, Device.Cpu, skip: 2), Is.Empty);
        Assert.That(data.Settings, Is.EqualTo("2 streams of 4 steps"));
    }

    [TestCase(1, 23, 1)]
    [TestCase(23, 1, 1)]
    [TestCase(4, 5, 1)]
    [TestCase(1, 1, 23)]
    public void TheLastToken_IsATargetAtMost(int streams, int steps, int batches)
    {
        var data = new ContiguousBatches(Tokens, streams, steps);
        Assert.That(data.Epoch(0, Device.Cpu).Count(), Is.EqualTo(batches));
        Assert.That(data.Epoch(0, Device.Cpu).SelectMany(batch => batch.Targets.ToArray<int>()).Max(), Is.LessThanOrEqualTo(23));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        Assert.That(() => new ContiguousBatches(Tokens, 4, 6), Throws.ArgumentException.With.Message.Contains("takes 25"));
        Assert.That(() => new ContiguousBatches(Array.Empty<int>(), 1, 1), Throws.ArgumentException);
        Assert.That(() => new ContiguousBatches(Tokens, 0, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => new ContiguousBatches(Tokens, 1, 1).Epoch(0, Device.Cpu, cancel: cancelled.Token).First(), Throws.InstanceOf<OperationCanceledException>());
    }
}
