using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>IndexSelect and MaskedFill where numbers are special, and where arguments are bad.</summary>
public class IndexSelectTests
{
    private static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void IndexSelect_TakesColumns(string device)
    {
        var x = Tensor.Arange(6, TestDevices.Get(device)).Reshape(2, 3);
        Assert.That(x.IndexSelect(-1, Tensor.From([2, 2, 0], [3], x.Device)).ToArray(), Is.EqualTo(new float[] { 2, 2, 0, 5, 5, 3 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void IndexSelect_BadIndex_IsNamed(string device)
    {
        var x = Tensor.Ones([2, 3], TestDevices.Get(device));
        Assert.That(() => x.IndexSelect(1, Tensor.From([0, 3], [2], x.Device)).ToArray(), Throws.TypeOf<IndexException>().With.Message.Contains("the index 3 at position 1 is not in 0..2"));
    }

    [Test]
    public void IndexSelect_OfATableOfIndices_SaysWhatToDo()
        => Assert.That(() => Tensor.Ones([2, 3]).IndexSelect(1, Tensor.From([0, 1], [1, 2])), Throws.TypeOf<ShapeException>().With.Message.Contains("Flatten"));

    [TestCaseSource(nameof(Devices))]
    public void MaskedFill_HidesANaN_AndStopsItsGradient(string device)
    {
        var on = TestDevices.Get(device);
        var x = Tensor.From([float.NaN, 2, float.PositiveInfinity], [3], on).WithGrad();
        var y = x.MaskedFill(Tensor.From(new byte[] { 255, 0, 1 }, [3], on), double.NegativeInfinity);
        Assert.That(y.ToArray(), Is.EqualTo(new[] { float.NegativeInfinity, 2, float.NegativeInfinity }));
        y.Backward(Tensor.From([float.NaN, 6f, 7], [3], on));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 6, 0 }));
    }

    [Test]
    public void MaskedFill_OfAMaskThatIsLarger_IsRefused()
        => Assert.That(() => Tensor.Ones([3]).MaskedFill(Tensor.Ones([2, 3], dtype: DType.UInt8), 0), Throws.TypeOf<ShapeException>().With.Message.Contains("does not broadcast to (3)"));
}
