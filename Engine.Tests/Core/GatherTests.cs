using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class GatherTests(string name)
{
    private readonly Device device = TestDevices.Get(name);

    private Tensor Indices(params int[] values) => Tensor.From(values, [values.Length], device);

    private Tensor Floats(params float[] values) => Tensor.From(values, [values.Length], device);

    [TestCase(3)]
    [TestCase(-1)]
    public void Gather_BadIndex_NamesItItsPositionAndTheBound(int bad)
    {
        var indices = Tensor.From([0, 2, bad, 1], [2, 2], device);
        Assert.That(() => Tensor.Ones([2, 3], device).Gather(1, indices).ToArray(),
            Throws.TypeOf<IndexException>().With.Message.Contains($"Gather: the index {bad} at position 2 is not in 0..2"));
        Assert.That(Floats(1, 2).Gather(0, Indices(1)).ToArray(), Is.EqualTo(new[] { 2f }), "the device goes on");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Scatter_BadIndex_NamesItItsPositionAndTheBound(bool add)
    {
        Tensor x = Tensor.Zeros([4, 2], device), indices = Tensor.From([1, 0, 3, 4], [2, 2], device), values = Tensor.Ones([2, 2], device);
        Assert.That(() => (add ? x.ScatterAdd(0, indices, values) : x.Scatter(0, indices, values)).ToArray(),
            Throws.TypeOf<IndexException>().With.Message.Contains($"Scatter{(add ? "Add" : "")}: the index 4 at position 3 is not in 0..3"));
    }

    [Test]
    public void Gather_FromALineOfNothing_IsRefused()
        => Assert.That(() => Tensor.Ones([2, 0], device).Gather(1, Tensor.Zeros([2, 1], device, DType.Int32)).ToArray(), Throws.TypeOf<IndexException>());

    [Test]
    public void Scatter_OfRepeatedIndices_KeepsTheLast_WhichAloneHasAGradient()
    {
        Tensor x = Floats(1, 2, 3).WithGrad(), values = Floats(10, 20, 30, 40).WithGrad();
        var y = x.Scatter(0, Indices(2, 0, 2, 0), values);
        Assert.That(y.ToArray(), Is.EqualTo(new float[] { 40, 2, 30 }));
        y.Backward(Floats(5, float.NaN, 7));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 0, float.NaN, 0 }));
        Assert.That(values.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 0, 7, 5 }));
    }

    [Test]
    public void ScatterAdd_AddsRepeatedIndices_InTheirOrder()
    {
        // (1e8 + 1) − 1e8 in floats is 0, and 1 in any other order.
        var y = Tensor.Zeros([3], device).ScatterAdd(0, Indices(1, 1, 1, 0), Floats(1e8f, 1, -1e8f, 5));
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 5f, name == "reference" ? 1f : 0f, 0f }));
    }

    [Test]
    public void GatherAndScatter_MoveSpecialNumbersAsTheyAre()
    {
        var x = Floats(float.NaN, float.NegativeInfinity, -0f, 1);
        var y = x.Gather(0, Indices(2, 0, 1, 3));
        Assert.That(y.ToArray().Select(BitConverter.SingleToInt32Bits), Is.EqualTo(new[] { -0f, float.NaN, float.NegativeInfinity, 1 }.Select(BitConverter.SingleToInt32Bits)));
        Assert.That(Tensor.Zeros([4], device).Scatter(0, Indices(2, 0, 1, 3), y).ToArray(), Is.EqualTo(x.ToArray()));
    }

    [Test]
    public void Gather_OfBadShapes_SaysWhich()
    {
        var x = Tensor.Ones([2, 3], device);
        Assert.That(() => x.Gather(2, x), Throws.TypeOf<ShapeException>().With.Message.Contains("no axis 2"));
        Assert.That(() => x.Gather(1, Tensor.Ones([2, 3], device)), Throws.TypeOf<DTypeException>().With.Message.Contains("must be Int32"));
        Assert.That(() => x.Gather(1, Indices(1)), Throws.TypeOf<ShapeException>().With.Message.Contains("as many axes"));
        Assert.That(() => x.Gather(1, Tensor.Zeros([3, 3], device, DType.Int32)), Throws.TypeOf<ShapeException>().With.Message.Contains("longer than (2, 3) on axis 0"));
        var indices = Tensor.Zeros([2, 4], device, DType.Int32);
        Assert.That(() => x.Scatter(1, indices, x), Throws.TypeOf<ShapeException>().With.Message.Contains("fewer values, (2, 3), than indices, (2, 4), on axis 1"));
        Assert.That(() => x.Scatter(1, indices, indices), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast one of them"));
    }
}

public class ScatterAddThreadTests
{
    [TestCase(1, 40_000, 300)]
    [TestCase(40, 3000, 50)]
    public void ScatterAdd_GivesTheSameBits_OnAnyNumberOfThreads(int lines, int count, int bound)
    {
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            var on = new CpuDevice(threads);
            var rng = new Rng(2);
            var indices = Tensor.From([.. Enumerable.Range(0, lines * count).Select(_ => rng.NextInt(bound))], [lines, count], on);
            var y = Tensor.Zeros([lines, bound], on).ScatterAdd(1, indices, Tensor.Normal([lines, count], new Rng(1), device: on)).ToArray();
            expected ??= y;
            Assert.That(y, Is.EqualTo(expected));
        }
    }
}
