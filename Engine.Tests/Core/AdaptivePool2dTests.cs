using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class AdaptivePool2dTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    // Windows of five numbers to three: 0..2, 1..4, 3..5.
    [TestCaseSource(nameof(Devices))]
    public void AdaptivePools_OfFiveToThree_TakePyTorchsWindows(string device)
    {
        var x = Tensor.From([0f, 1, 2, 3, 4], [1, 1, 1, 5], TestDevices.Get(device)).WithGrad();
        var mean = x.AdaptiveAvgPool2d((1, 3));
        Assert.That(mean.ToArray(), Is.EqualTo(new[] { 0.5f, 2, 3.5f }));
        mean.Backward(Tensor.Ones(mean.Shape, x.Device));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 1f / 2, 5f / 6, 1f / 3, 5f / 6, 1f / 2 }).Within(1e-6));
        x.Grad = null;
        var max = x.AdaptiveMaxPool2d((1, 3));
        Assert.That(max.ToArray(), Is.EqualTo(new float[] { 1, 3, 4 }));
        max.Backward(Tensor.From([1f, 10, 100], max.Shape, x.Device));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 1, 0, 10, 100 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void AdaptiveMaxPool2d_SendsTheGradientToTheFirstNaN_ElseTheFirstOfSeveral(string device)
    {
        float nan = float.NaN;
        var x = Tensor.From([1, 5, 5, nan, nan, 3, 5, 5, 2], [1, 1, 3, 3], TestDevices.Get(device)).WithGrad();
        var y = x.AdaptiveMaxPool2d(2);
        Assert.That(y.ToArray(), Is.EqualTo(new[] { nan, nan, nan, nan }));
        y.Backward(Tensor.From([1f, 10, 100, 1000], y.Shape, x.Device));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 101, 1010, 0, 0, 0, 0 }));
        var alike = Tensor.Full([1, 1, 3, 3], 7, TestDevices.Get(device)).WithGrad();
        alike.AdaptiveMaxPool2d(2).Sum().Backward();
        Assert.That(alike.Grad!.ToArray(), Is.EqualTo(new float[] { 1, 1, 0, 1, 1, 0, 0, 0, 0 }));
    }

    [TestCase("cpu")]
    [TestCase("reference")]
    public void AdaptivePools_OfLongAxes_DoNotOverflow(string device)
    {
        // 50000 windows over 70000 rows: the products in the windows' ends are over 2³¹.
        var x = Tensor.Arange(70_000, TestDevices.Get(device)).Reshape(1, 1, 70_000, 1).WithGrad();
        float[] last = [.. Enumerable.Range(0, 50_000).Select(p => (float)(((p + 1L) * 7 + 4) / 5 - 1))];
        float[] first = [.. Enumerable.Range(0, 50_000).Select(p => (float)(p * 7L / 5))];
        Assert.That(x.AdaptiveMaxPool2d((50_000, 1)).ToArray(), Is.EqualTo(last));
        var mean = x.AdaptiveAvgPool2d((50_000, 1));
        Assert.That(mean.ToArray(), Is.EqualTo(first.Zip(last, (a, b) => (a + b) / 2)).Within(0.01));
        mean.Sum().Backward();
        Assert.That(x.Grad!.ToArray<double>().Sum(), Is.EqualTo(50_000).Within(0.1));
    }

    [Test]
    public void GlobalPools_AreMeanAndMaxOfEachChannel()
    {
        var x = Tensor.Arange(24).Reshape(2, 3, 2, 2);
        Assert.That(x.GlobalAvgPool2d().Shape, Is.EqualTo(new Shape(2, 3)));
        Assert.That(x.GlobalAvgPool2d().ToArray(), Is.EqualTo(new[] { 1.5f, 5.5f, 9.5f, 13.5f, 17.5f, 21.5f }));
        Assert.That(x.GlobalMaxPool2d(keepDims: true).Shape, Is.EqualTo(new Shape(2, 3, 1, 1)));
        Assert.That(x.GlobalMaxPool2d().ToArray(), Is.EqualTo(new float[] { 3, 7, 11, 15, 19, 23 }));
        Assert.That(x.AdaptiveAvgPool2d(1).ToArray(), Is.EqualTo(x.GlobalAvgPool2d().ToArray()));
    }

    [Test]
    public void Pools_OfWhatIsNoImage_AreRefusedByName()
    {
        Assert.That(() => Tensor.Zeros([3, 4, 4]).AdaptiveAvgPool2d(2), Throws.TypeOf<ShapeException>().With.Message.StartsWith("AdaptiveAvgPool2d: the input (3, 4, 4) must be (N, C, H, W)"));
        Assert.That(() => Tensor.Zeros([3, 4, 4]).AdaptiveMaxPool2d(2), Throws.TypeOf<ShapeException>().With.Message.StartsWith("AdaptiveMaxPool2d"));
        Assert.That(() => Tensor.Zeros([4, 4]).GlobalAvgPool2d(), Throws.TypeOf<ShapeException>().With.Message.StartsWith("GlobalAvgPool2d"));
        Assert.That(() => Tensor.Zeros([1, 2, 0, 4]).GlobalMaxPool2d(), Throws.TypeOf<ShapeException>().With.Message.Contains("are empty"));
        Assert.That(() => Tensor.Zeros([1, 2, 3, 4]).AdaptiveMaxPool2d((0, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("at least 1"));
        Assert.That(() => Tensor.Zeros([1, 2, 3, 4]).AdaptiveAvgPool2d(-1), Throws.TypeOf<ShapeException>().With.Message.Contains("at least 1"));
        Assert.That(() => Tensor.Zeros([1, 2, 3, 4]).AdaptiveAvgPool2d(100_000), Throws.TypeOf<ShapeException>().With.Message.Contains("Split"));
    }

    [Test]
    public void AdaptivePools_OnAnyNumberOfThreads_GiveTheSameBits()
    {
        Assert.That(Run(3), Is.EqualTo(Run(1)));

        static float[] Run(int threads)
        {
            using var device = new CpuDevice(threads);
            var x = Tensor.Normal([5, 7, 53, 61], new Rng(3), device: device).WithGrad();
            Tensor a = x.AdaptiveAvgPool2d((9, 10)), m = x.AdaptiveMaxPool2d((9, 10));
            (a * m).Sum().Backward();
            return [.. a.ToArray(), .. m.ToArray(), .. x.Grad!.ToArray()];
        }
    }
}
