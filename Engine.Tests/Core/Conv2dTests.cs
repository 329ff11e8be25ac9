using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class Conv2dTests
{
    private static Tensor Numbers(params int[] shape)
    {
        var numbers = new float[new Shape(shape).Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = Philox.Uniform(Philox.Word(3, (ulong)i)) - 0.5f;
        return Tensor.From(numbers, shape);
    }

    [TestCase(new[] { 3, 4, 4 }, new[] { 2, 3, 3, 3 }, 1, 0, "(N, C, H, W)")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 3, 3 }, 1, 0, "(K, C/groups, R, S)")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 4, 3, 3 }, 1, 0, "takes 4")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 3, 5, 5 }, 1, 0, "does not fit")]
    [TestCase(new[] { 1, 4, 4, 4 }, new[] { 3, 2, 3, 3 }, 2, 0, "divisor of both")]
    [TestCase(new[] { 1, 4, 4, 4 }, new[] { 3, 2, 3, 3 }, 0, 0, "divisor of both")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 3, 3, 3 }, 1, -1, "at least 0")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 3, 0, 3 }, 1, 0, "empty window")]
    public void Conv2d_OfShapesThatDisagree_NamesThem(int[] x, int[] w, int groups, int padding, string mend)
        => Assert.That(() => Tensor.From(new float[new Shape(x).Count], x).Conv2d(Tensor.From(new float[new Shape(w).Count], w), groups: groups, padding: padding),
            Throws.TypeOf<ShapeException>().With.Message.Contains(mend));

    [Test]
    public void Conv2d_BiasOfAnotherLength_IsRefused()
        => Assert.That(() => Numbers(1, 1, 3, 3).Conv2d(Numbers(2, 1, 3, 3), Numbers(3)), Throws.TypeOf<ShapeException>().With.Message.Contains("must be (2)"));

    [Test]
    public void Pool2d_PaddingOverHalfOfTheWindow_IsRefused()
        => Assert.That(() => Numbers(1, 1, 4, 4).MaxPool2d(2, padding: 2), Throws.TypeOf<ShapeException>().With.Message.Contains("more than half"));

    [Test]
    public void Pool2d_WindowLargerThanTheImage_IsRefused()
        => Assert.That(() => Numbers(1, 1, 2, 4).AvgPool2d(3), Throws.TypeOf<ShapeException>().With.Message.Contains("does not fit"));

    /// <summary>Vincent Dumoulin's worked example of a 3×3 filter over a 5×5 image: figure 1.1 of arXiv:1603.07285.</summary>
    [Test]
    public void Conv2d_OfThePublishedExample_GivesItsNumbers()
    {
        var x = Tensor.From([3f, 3, 2, 1, 0, 0, 0, 1, 3, 1, 3, 1, 2, 2, 3, 2, 0, 0, 2, 2, 2, 0, 0, 0, 1], [1, 1, 5, 5]);
        var w = Tensor.From([0f, 1, 2, 2, 2, 0, 0, 1, 2], [1, 1, 3, 3]);
        Assert.That(x.Conv2d(w).ToArray(), Is.EqualTo(new float[] { 12, 12, 17, 10, 17, 19, 9, 6, 14 }));
        Assert.That(x.MaxPool2d(3, 1).ToArray(), Is.EqualTo(new float[] { 3, 3, 3, 3, 3, 3, 3, 2, 3 }));
    }

    [Test]
    public void MaxPool2d_OfANaN_SendsTheGradientThere()
    {
        var x = Tensor.From([1f, float.NaN, 3, 4, float.NaN, 6], [1, 1, 2, 3]).WithGrad();
        var y = x.MaxPool2d(2, 1);
        Assert.That(y.ToArray(), Is.All.NaN);
        y.Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 2, 0, 0, 0, 0 }));
    }

    [Test]
    public void Conv2d_OnAnyNumberOfThreads_GivesTheSameBits()
    {
        var expected = Run(1);
        foreach (int threads in new[] { 2, 3 })
            Assert.That(Run(threads), Is.EqualTo(expected), $"{threads} threads");

        static float[] Run(int threads)
        {
            using var device = new CpuDevice(threads);
            var x = Numbers(9, 6, 12, 13).To(device).WithGrad();
            var w = Numbers(20, 6, 3, 3).To(device).WithGrad();
            var b = Numbers(20).To(device).WithGrad();
            var y = x.Conv2d(w, b, padding: 1, activation: Activation.Relu).MaxPool2d(2);
            (y * y).Sum().Backward();
            return [.. y.ToArray(), .. x.Grad!.ToArray(), .. w.Grad!.ToArray(), .. b.Grad!.ToArray()];
        }
    }
}
