using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class GatherRowsTests(string name)
{
    private readonly Device device = TestDevices.Get(name);

    [TestCase(7)]
    [TestCase(-1)]
    public void GatherRows_BadIndex_NamesItItsPositionAndTheBound(int bad)
    {
        var indices = Tensor.From([0, 6, bad, 1], [2, 2], device);
        var error = Assert.Throws<IndexException>(() => Tensor.Ones([7, 3], device).GatherRows(indices).ToArray())!;
        Assert.That(error.Message, Does.Contain("GatherRows").And.Contain($"the index {bad} at position 2 is not in 0..6"));
        Assert.That(Tensor.Ones([7, 3], device).GatherRows(Tensor.From([6], [1], device)).ToArray(), Is.EqualTo(new[] { 1f, 1, 1 }), "the device goes on");
    }

    [Test]
    public void ScatterAddRows_BadIndex_NamesItItsPositionAndTheBound()
    {
        Tensor x = Tensor.Ones([3, 2], device), indices = Tensor.From([1, 0, 4], [3], device), y = Tensor.Zeros([4, 2], device);
        Assert.That(() =>
        {
            device.ScatterAddRows(x.View, indices.View, y.View, new RowSizes(4, 2, 3));
            device.Synchronize();
        }, Throws.TypeOf<IndexException>().With.Message.Contains("the index 4 at position 2 is not in 0..3"));
    }

    [Test]
    public void SetRows_OfWhatDoesNotFit_SaysThatItWasSetRows()
    {
        Tensor x = Tensor.Zeros([4, 2], device), rows = Tensor.Ones([2, 2], device);
        Assert.That(() =>
        {
            InPlace.SetRows(x, Tensor.From([3, 4], [2], device), rows);
            device.Synchronize();
        }, Throws.TypeOf<IndexException>().With.Message.EqualTo("SetRows: the index 4 at position 1 is not in 0..3."));
        Assert.That(() => InPlace.SetRows(x, Tensor.Zeros([2], device), rows), Throws.TypeOf<DTypeException>().With.Message.StartsWith("SetRows: the indices"));
        Assert.That(() => InPlace.SetRows(x, Tensor.From([0, 1], [2], device), rows.Cast(DType.Int32)), Throws.TypeOf<DTypeException>().With.Message.StartsWith("SetRows: the rows"));
    }

    [Test]
    public void ScatterAddRows_AddsRepeatedRows_InTheirOrder()
    {
        // (1e8 + 1) − 1e8 in floats is 0, and 1 in any other order.
        Tensor x = Tensor.From([1e8f, 1f, -1e8f, 5f], [4, 1], device), indices = Tensor.From([1, 1, 1, 0], [4], device), y = Tensor.Zeros([3, 1], device);
        device.ScatterAddRows(x.View, indices.View, y.View, new RowSizes(3, 1, 4));
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 5f, name == "reference" ? 1f : 0f, 0f }));
    }

    [Test]
    public void GatherRows_OfATableUsedElsewhere_AddsToThatGradient_AndLeavesWhatOthersHold()
    {
        // The table as the matrix of logits, whose gradient comes first, and as the embedding.
        var table = Tensor.Normal([5, 3], new Rng(1), device: device).WithGrad();
        var ids = Tensor.From([4, 1, 4], [3], device);
        var rows = table.GatherRows(ids);
        var loss = (rows.MatMul(table, transposeOther: true) * 2).Sum();
        loss.Backward(retainGraph: true);
        float[] expected = [.. Enumerable.Range(0, 15).Select(i => Expected(i / 3, i % 3))];
        Assert.That(table.Grad!.ToArray(), Is.EqualTo(expected).Within(1e-5));
        var seen = table.Grad!;
        loss.Backward();
        Assert.That(seen.ToArray(), Is.EqualTo(expected).Within(1e-5));
        Assert.That(table.Grad!.ToArray(), Is.EqualTo(expected.Select(each => 2 * each)).Within(1e-5));

        // Σ over i, v of 2·t[ids_i]·t[v]: each row has 2·Σ of the rows looked up, and 2·Σ of all rows as often as it was looked up.
        float Expected(int row, int column)
        {
            float[] t = table.ToArray();
            float Column(IEnumerable<int> of) => of.Sum(v => t[v * 3 + column]);
            return 2 * Column([4, 1, 4]) + 2 * Column(Enumerable.Range(0, 5)) * new[] { 4, 1, 4 }.Count(id => id == row);
        }
    }

    [Test]
    public void GatherRows_TakesOnlyInt32Indices()
        => Assert.That(() => Tensor.Ones([7, 3], device).GatherRows(Tensor.Ones([2], device)), Throws.TypeOf<DTypeException>().With.Message.Contains("must be Int32"));

    [Test]
    public void GatherRows_FromATableWithoutRows_IsRefused()
        => Assert.That(() => Tensor.Ones([0, 3], device).GatherRows(Tensor.From([0], [1], device)).ToArray(), Throws.TypeOf<IndexException>());
}

public class ScatterAddRowsThreadTests
{
    [Test]
    public void ScatterAddRows_GivesTheSameBits_OnAnyNumberOfThreads()
    {
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            var on = new CpuDevice(threads);
            Tensor x = Tensor.Normal([5000, 33], new Rng(1), device: on), y = Tensor.Zeros([100, 33], on);
            var rng = new Rng(2);
            var indices = Tensor.From([.. Enumerable.Range(0, 5000).Select(_ => rng.NextInt(100))], [5000], on);
            on.ScatterAddRows(x.View, indices.View, y.View, new RowSizes(100, 33, 5000));
            expected ??= y.ToArray();
            Assert.That(y.ToArray(), Is.EqualTo(expected));
        }
    }
}
