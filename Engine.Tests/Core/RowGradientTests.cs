using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>A gradient that is kept as rows is what the dense one is, to whoever looks.</summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class RowGradientTests(string name)
{
    private const int Rows = 40, Columns = 5;

    private readonly Device device = TestDevices.Get(name);

    private Tensor Table() => Tensor.Normal([Rows, Columns], new Rng(1), device: device).WithGrad();

    private Tensor Ids(ulong seed, int count)
    {
        var rng = new Rng(seed);
        return Tensor.From([.. Enumerable.Range(0, count).Select(_ => rng.NextInt(Rows / 2))], [count], device);
    }

    private Tensor Seed(ulong seed, int count) => Tensor.Normal([count, Columns], new Rng(seed), device: device);

    /// <summary>The gradients by rows and dense.</summary>
    private (double[] ByRows, double[] Dense) Both(Action<Tensor, bool> backward)
    {
        Tensor a = Table(), b = Table();
        backward(a, true);
        backward(b, false);
        return (a.Grad!.ToArray<double>(), b.Grad!.ToArray<double>());
    }

    private void Lookup(Tensor table, bool sparse, ulong seed, int count = 60, int? padding = null)
        => table.GatherRows(Ids(seed, count), padding, sparse).Backward(Seed(seed + 100, count));

    [Test]
    public void Rows_AreTheDenseGradient_ToTheBit()
    {
        var (rows, dense) = Both((x, sparse) => Lookup(x, sparse, 2));
        Assert.That(rows, Is.EqualTo(dense));
        Assert.That(dense.Count(v => v != 0), Is.GreaterThan(50));
    }

    [Test]
    public void Rows_LeavePaddingOut()
    {
        var (rows, dense) = Both((x, sparse) => Lookup(x, sparse, 3, padding: 4));
        Assert.That(rows, Is.EqualTo(dense));
        Assert.That(rows[(4 * Columns)..(5 * Columns)], Has.All.Zero);
        var table = Table();
        Lookup(table, true, 3, padding: 4);
        Assert.That(table.GatheredRows!.Indices.ToArray<int>(), Is.Unique.And.Not.Contains(4));
    }

    [Test]
    public void Rows_OfTwoLookupsAndTwoPasses_AddUpToTheBit()
    {
        var (rows, dense) = Both((x, sparse) =>
        {
            for (ulong pass = 0; pass < 3; pass++)
            {
                Tensor first = x.GatherRows(Ids(pass, 60), null, sparse), second = x.GatherRows(Ids(pass + 9, 60), null, sparse);
                (first * second).Backward(Seed(pass, 60));
            }
        });
        Assert.That(rows, Is.EqualTo(dense));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Rows_AndADenseGradientOfTheSameTable_AddUpToTheBit(bool rowsFirst)
    {
        var (rows, dense) = Both((x, sparse) =>
        {
            Tensor looked = x.GatherRows(Ids(2, 60), null, sparse), whole = x * 3;
            var loss = rowsFirst ? looked.Sum() + whole.Sum() : whole.Sum() + looked.Sum();
            loss.Backward();
            x.Sum().Backward();
            Lookup(x, sparse, 5);
        });
        Assert.That(rows, Is.EqualTo(dense));
    }

    [Test]
    public void Rows_ThatWereSeen_StayAsTheyWere()
    {
        var table = Table();
        Lookup(table, true, 2);
        var seen = table.Grad!;
        double[] before = seen.ToArray<double>();
        Lookup(table, true, 3);
        Assert.That(seen.ToArray<double>(), Is.EqualTo(before));
        var (rows, dense) = Both((x, sparse) =>
        {
            Lookup(x, sparse, 2);
            Lookup(x, sparse, 3);
        });
        Assert.That(rows, Is.EqualTo(dense));
        Assert.That(table.Grad!.ToArray<double>(), Is.EqualTo(dense));
    }

    [Test]
    public void Rows_AreDenseToHooksAndGradients()
    {
        var table = Table();
        table.RegisterHook(gradient => gradient * 2);
        Lookup(table, true, 2);
        Assert.That(table.Grad!.ToArray(), Is.EqualTo(Expected().Select(v => 2 * v)));
        var other = Table();
        var loss = (other.GatherRows(Ids(2, 60), sparse: true) * Seed(102, 60)).Sum();
        Assert.That(Autograd.Gradients(loss, [other])[0].ToArray(), Is.EqualTo(Expected()));
        Assert.That(other.Grad, Is.Null);

        float[] Expected()
        {
            var dense = Table();
            Lookup(dense, false, 2);
            return dense.Grad!.ToArray();
        }
    }

    [Test]
    public void Rows_OfATableThatAnOpMade_FlowThroughIt()
    {
        var (rows, dense) = Both((x, sparse) => (x * 2).GatherRows(Ids(2, 60), null, sparse).Backward(Seed(7, 60)));
        Assert.That(rows, Is.EqualTo(dense));
    }

    [Test]
    public void Rows_OutliveTheScopeTheyCameFrom()
    {
        Tensor table = Table(), dense = Table();
        using (device.Scope())
        {
            Lookup(table, true, 2);
            Lookup(table, true, 3);
        }
        Lookup(dense, false, 2);
        Lookup(dense, false, 3);
        Assert.That(table.GatheredRows, Is.Not.Null);
        using (device.Scope()) _ = table.Grad;
        Assert.That(table.GatheredRows, Is.Null);
        Assert.That(table.Grad!.ToArray(), Is.EqualTo(dense.Grad!.ToArray()));
    }

    [Test]
    public void Rows_TellWhenTheyAreComplete()
    {
        var table = Table();
        int calls = 0;
        table.GradientReady = _ => calls++;
        Lookup(table, true, 2);
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public void Rows_ThatAreNotFinite_AreBlamedOnTheirOp()
    {
        if (device is ReferenceDevice) Assert.Ignore("Doubles hold that sum.");
        var table = Table();
        var ids = Tensor.From([3, 3], [2], device);
        using var anomalies = AnomalyMode.Begin();
        Assert.That(() => table.GatherRows(ids, sparse: true).Backward(Tensor.Full([2, Columns], 3e38, device)),
            Throws.TypeOf<AnomalyException>().With.Message.Contains("GatherRows (sparse) made the first infinity").And.Message.Contains($"the first at {3 * Columns}"));
    }
}

/// <summary>What rows take, on a device of its own.</summary>
public class RowGradientMemoryTests
{
    [Test]
    public void Rows_TakeWhatTheyHold_AndGiveItBack()
    {
        var device = new CpuDevice(1);
        var table = Tensor.Zeros([100_000, 64], device).WithGrad();
        var ids = Tensor.From([.. Enumerable.Range(0, 200).Select(i => i % 99 * 7)], [200], device);
        long before = device.BytesInUse;
        using (device.Scope()) table.GatherRows(ids, sparse: true).Sum().Backward();
        long once = device.BytesInUse - before;
        Assert.That(once, Is.InRange(99 * 64 * 4, 120 * 64 * 4));
        using (device.Scope()) table.GatherRows(ids, sparse: true).Sum().Backward();
        Assert.That(device.BytesInUse - before, Is.EqualTo(once), "the same rows");
        table.ForgetGrad();
        Assert.That(device.BytesInUse, Is.EqualTo(before));
        Assert.That(device.BytesReserved, Is.LessThan(2 * 100_000 * 64 * 4), "the gradient was never dense");
    }
}
