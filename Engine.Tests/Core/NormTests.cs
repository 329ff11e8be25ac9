using Engine.Core;

namespace Engine.Tests.Core;

public class NormTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    /// <summary>The numbers on PyTorch's page on linalg.vector_norm.</summary>
    [TestCaseSource(nameof(Devices))]
    public void Norm_OfPyTorchsExample_GivesItsNumbers(string device)
    {
        var a = Tensor.Arange(9, TestDevices.Get(device)) - 4;
        Assert.That(a.Norm(3.5).Item(), Is.EqualTo(5.4345).Within(1e-4));
        Assert.That(a.Norm().Item(), Is.EqualTo(7.7460).Within(1e-4));
        Assert.That(a.Norm(1).Item(), Is.EqualTo(20));
        Assert.That(a.Norm(0).Item(), Is.EqualTo(8));
        Assert.That(a.Norm(double.PositiveInfinity).Item(), Is.EqualTo(4));
        Assert.That(a.Norm(double.NegativeInfinity).Item(), Is.Zero);
        Assert.That(a.Reshape(3, 3).Norm(1, [1]).ToArray(), Is.EqualTo(new float[] { 9, 2, 9 }));
        Assert.That(a.Reshape(3, 3).Norm(2, [0], keepDims: true).Shape, Is.EqualTo(new Shape(1, 3)));
    }

    [TestCase(0.5)]
    [TestCase(1)]
    [TestCase(1.5)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(double.PositiveInfinity)]
    public void Norm_GradientAtZero_IsZero(double p)
    {
        foreach (string device in Devices)
        {
            var x = Tensor.Zeros([2, 3], TestDevices.Get(device)).WithGrad();
            x.Norm(p, [1]).Sum().Backward();
            Assert.That(x.Grad!.ToArray(), Is.All.Zero, device);
            var y = Tensor.From([3f, 0], [2], TestDevices.Get(device)).WithGrad();
            y.Norm(p).Backward();
            Assert.That(y.Grad!.ToArray(), Is.EqualTo(new float[] { 1, 0 }).Within(1e-5), device);
        }
    }

    [Test]
    public void Norm_Gradient_PointsAlongTheVector()
    {
        var x = Tensor.From([3f, -4, 0, 0], [2, 2]).WithGrad();
        var y = x.Norm(2, [1]);
        Assert.That(y.ToArray(), Is.EqualTo(new float[] { 5, 0 }));
        y.Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 0.6f, -0.8f, 0, 0 }).Within(1e-6));
        var ties = Tensor.From([-3f, 3, 1], [3]).WithGrad();
        ties.Norm(double.PositiveInfinity).Backward();
        Assert.That(ties.Grad!.ToArray(), Is.EqualTo(new[] { -0.5f, 0.5f, 0 }));
    }

    [Test]
    public void Norm_OfNothing_IsZero_AndBadPowersAreRefused()
    {
        var x = Tensor.Zeros([2, 0]);
        Assert.That(x.Norm(2, [1]).ToArray(), Is.EqualTo(new float[2]));
        Assert.That(() => x.Norm(double.PositiveInfinity, [1]), Throws.TypeOf<ShapeException>().With.Message.StartsWith("Norm"));
        Assert.That(() => x.Norm(-1), Throws.ArgumentException.With.Message.Contains("p is -1"));
        Assert.That(() => x.Norm(double.NaN), Throws.ArgumentException);
        Assert.That(() => x.Norm(2, [2]), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.Norm(2, [0, 0]), Throws.TypeOf<ShapeException>().With.Message.Contains("twice"));
    }
}
