using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class ImageBatchesTests
{
    private static readonly LabelledImages Images = DrawnDigits.Draw(50, new Rng(1));

    [Test]
    public void AnEpoch_HasEachImageOnce_InItsOwnOrder()
    {
        var data = new ImageBatches(Images, 16, shuffleSeed: 3);
        Batch[] first = [.. data.Epoch(0, Device.Cpu)], again = [.. data.Epoch(0, Device.Cpu)], second = [.. data.Epoch(1, Device.Cpu)];
        Assert.That(first.Select(b => b.Count), Is.EqualTo(new[] { 16, 16, 16, 2 }));
        Assert.That((data.Count, data.BatchCount), Is.EqualTo(((int?)50, (int?)4)));
        Assert.That(Classes(again), Is.EqualTo(Classes(first)));
        Assert.That(Classes(second), Is.Not.EqualTo(Classes(first)));
        int[] order = new Rng(3).Split(1).Permutation(50);
        Assert.That(Classes(second), Is.EqualTo(order.Select(i => (int)Images.Labels[i])));
        Assert.That(Classes([.. new ImageBatches(Images, 16).Epoch(0, Device.Cpu)]), Is.EqualTo(Images.Labels.ToArray().Select(l => (int)l)));
    }

    [Test]
    public void Skip_PassesOverTheFirstBatches()
    {
        var data = new ImageBatches(Images, 16, shuffleSeed: 3);
        Assert.That(Classes([.. data.Epoch(2, Device.Cpu, skip: 3)]), Is.EqualTo(Classes([.. data.Epoch(2, Device.Cpu)]).Skip(48)));
        Assert.That(data.Epoch(2, Device.Cpu, skip: 4), Is.Empty);
    }

    [Test]
    public void ACancelledEpoch_Ends()
    {
        using var cancel = new CancellationTokenSource();
        using var batches = new ImageBatches(Images, 16).Epoch(0, Device.Cpu, cancel: cancel.Token).GetEnumerator();
        Assert.That(batches.MoveNext());
        cancel.Cancel();
        Assert.That(() => batches.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
    }

    private static int[] Classes(Batch[] batches) => [.. batches.SelectMany(b => b.Targets.ToArray<int>())];
}
