using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Gradients by rows where more than one pass, thread or token has to do with them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class RowGradientThreadTests
{
    private const int Rows = 1000, Columns = 64;

    private readonly CpuDevice device = new(1);

    private Tensor Table(int rows = Rows) => Tensor.Zeros([rows, Columns], device).WithGrad();

    private Tensor Ids => Tensor.From([1, 2, 3], [3], device);

    [Test]
    public void TwoThreads_GatherIntoOneTable_AndLoseNothing_WhileSomebodyLooks()
    {
        for (int round = 0; round < 300; round++)
        {
            var table = Table();
            table.GradientReady = leaf => _ = leaf.Grad!.Count;
            using var both = new Barrier(2);
            var passes = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
            {
                var loss = table.GatherRows(Ids, sparse: true).Sum();
                both.SignalAndWait();
                loss.Backward();
            }, TaskCreationOptions.LongRunning)).ToArray();
            Assert.That(() => Task.WaitAll(passes), Throws.Nothing);
            Assert.That(table.Grad!.Sum().Item(), Is.EqualTo(2 * 3 * Columns));
        }
    }

    [Test]
    public void Gradients_OfAnother_MakeNoTable()
    {
        const int many = 1 << 18;
        Tensor table = Table(many), w = Tensor.Ones([3, Columns], device).WithGrad();
        var loss = (table.GatherRows(Ids, sparse: true) * w).Sum();
        long before = device.BytesReserved;
        var gradient = Autograd.Gradients(loss, [w])[0];
        Assert.That(gradient.ToArray(), Is.All.Zero);
        Assert.That(device.BytesReserved - before, Is.LessThan(many * Columns));
        Assert.That(table.Grad, Is.Null);
    }
}
