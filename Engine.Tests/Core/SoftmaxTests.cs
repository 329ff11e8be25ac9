using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class SoftmaxTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Softmax_OfHugeAndInfiniteNumbers_IsExact(string name)
    {
        var device = TestDevices.Get(name);
        float inf = float.PositiveInfinity;
        var x = Tensor.From([1000, 1000, -1000, -1e30f, -1e30f, -1e30f, 0, -inf, 0], [3, 3], device);
        Assert.That(x.Softmax().ToArray<double>(), Is.EqualTo(new[] { 0.5, 0.5, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0.5, 0, 0.5 }).Within(1e-6));
        double log2 = Math.Log(2);
        Assert.That(x.LogSoftmax()[0].ToArray<double>(), Is.EqualTo(new[] { -log2, -log2, -2000 - log2 }).Within(1e-3));
        var nan = Tensor.From([1, float.NaN, 2], [1, 3], device);
        Assert.That(nan.Softmax().ToArray(), Is.All.NaN);
    }

    [TestCaseSource(nameof(Devices))]
    public void CrossEntropy_OfHugeLogits_IsExact(string name)
    {
        var device = TestDevices.Get(name);
        var logits = Tensor.From([1e4f, 0, 0, 1e4f, 3, 3], [3, 2], device).WithGrad();
        var loss = logits.CrossEntropy(Tensor.From([0, 0, 1], [3], device));
        Assert.That(loss.Item(), Is.EqualTo((0 + 1e4 + Math.Log(2)) / 3).Within(1e-2));
        loss.Backward();
        Assert.That(logits.Grad!.ToArray<double>(), Is.EqualTo(new[] { 0, 0, -1, 1, 0.5, -0.5 }.Select(g => g / 3)).Within(1e-6));
    }

    [TestCaseSource(nameof(Devices))]
    public void CrossEntropy_OfAClassOutOfRange_IsRefused(string name)
    {
        var device = TestDevices.Get(name);
        var logits = Tensor.From(new float[12], [4, 3], device);
        foreach (int bad in new[] { 3, -1 })
        {
            var classes = Tensor.From([0, 1, bad, 2], [4], device);
            var error = Assert.Throws<IndexException>(() => logits.CrossEntropy(classes).Item())!;
            Assert.That(error.Message, Does.Contain("CrossEntropyForward").And.Contain($"{bad}").And.Contain("0..2"));
            if (device is not GpuDevice) Assert.That(error.Message, Does.Contain("row 2"));
        }
        Assert.That(logits.CrossEntropy(Tensor.From([0, 1, 2, 2], [4], device)).Item(), Is.EqualTo(Math.Log(3)).Within(1e-6));
    }

    [Test]
    public void CrossEntropy_OfOtherShapesAndTypes_IsRefused()
    {
        Tensor logits = Tensor.Zeros([4, 3]), classes = Tensor.From(new int[4], [4]);
        Assert.That(() => Tensor.Zeros([0, 3]).CrossEntropy(Tensor.From(Array.Empty<int>(), [0])), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
        Assert.That(() => logits.CrossEntropy(Tensor.From(new int[5], [5])), Throws.TypeOf<ShapeException>());
        Assert.That(() => logits.CrossEntropy(Tensor.Zeros([4])), Throws.TypeOf<DTypeException>());
        Assert.That(() => logits.Reshape(12).CrossEntropy(classes), Throws.TypeOf<ShapeException>());
        Assert.That(() => logits.Softmax(2), Throws.TypeOf<ShapeException>());
    }
}
