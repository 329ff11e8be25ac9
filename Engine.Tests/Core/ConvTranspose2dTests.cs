using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class ConvTranspose2dTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void ConvTranspose2d_WorkedOutByHand_GivesItsNumbers(string device)
    {
        var x = Tensor.From([1f, 2, 3, 4], [1, 1, 2, 2], TestDevices.Get(device));
        var w = Tensor.From([1f, 10, 100, 1000], [1, 1, 2, 2], TestDevices.Get(device));
        Assert.That(x.ConvTranspose2d(w).ToArray(), Is.EqualTo(new float[] { 1, 12, 20, 103, 1234, 2040, 300, 3400, 4000 }));
        Assert.That(x.ConvTranspose2d(w, padding: 1).ToArray(), Is.EqualTo(new float[] { 1234 }));
        Assert.That(x.ConvTranspose2d(w, stride: 2).ToArray(), Is.EqualTo(new float[] { 1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000 }));
        // Two more zeros below, one of them reached by a dilated tap once the padding has cut the first row.
        Assert.That(x.ConvTranspose2d(w, Tensor.From([0.5f], [1], x.Device), padding: (1, 0), outputPadding: (2, 0), dilation: 3).Shape, Is.EqualTo(new Shape(1, 1, 5, 5)));
    }

    /// <summary>The shapes that PyTorch's page on ConvTranspose2d gives.</summary>
    [Test]
    public void ConvTranspose2d_OfPyTorchsExamples_HasTheirShapes()
    {
        var w = Tensor.Zeros([16, 33, 3, 5]);
        Assert.That(Tensor.Zeros([20, 16, 50, 100]).ConvTranspose2d(w, stride: (2, 1), padding: (4, 2)).Shape, Is.EqualTo(new Shape(20, 33, 93, 100)));
        var up = Tensor.Zeros([1, 16, 6, 6]);
        Assert.That(up.ConvTranspose2d(Tensor.Zeros([16, 16, 3, 3]), stride: 2, padding: 1, outputPadding: 1).Shape, Is.EqualTo(new Shape(1, 16, 12, 12)));
    }

    /// <summary>⟨conv(z), x⟩ = ⟨z, convᵀ(x)⟩, with every setting at once.</summary>
    [Test]
    public void ConvTranspose2d_IsTheTransposeOfConv2d()
    {
        var rng = new Rng(5);
        Tensor z = Tensor.Normal([2, 6, 11, 13], rng, device: TestDevices.Reference), w = Tensor.Normal([4, 3, 3, 2], rng, device: TestDevices.Reference);
        var y = z.Conv2d(w, stride: (3, 2), padding: (1, 2), dilation: (2, 3), groups: 2);
        var x = Tensor.Normal(y.Shape, rng, device: TestDevices.Reference);
        var back = x.ConvTranspose2d(w, stride: (3, 2), padding: (1, 2), outputPadding: (2, 1), dilation: (2, 3), groups: 2);
        Assert.That(back.Shape, Is.EqualTo(z.Shape));
        Assert.That((back * z).Sum().Item(), Is.EqualTo((x * y).Sum().Item()).Within(1e-9));
    }

    [TestCase(new[] { 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, 0, 0, 1, "(N, C, H, W)")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3 }, 1, 1, 0, 0, 1, "(C, K/groups, R, S)")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 2, 3, 3, 3 }, 1, 1, 0, 0, 1, "takes 2")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 2, 1, 0, 0, 1, "divisor")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 0, 1, 0, 0, 1, "divisor")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 0, 3 }, 1, 1, 0, 0, 1, "empty window")]
    [TestCase(new[] { 1, 3, 0, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, 0, 0, 1, "are empty")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 0, 0, 0, 1, "at least 1")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, -1, 0, 1, "at least 0")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, 3, 0, 1, "leaves nothing")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 2, 0, 2, 1, "under the stride 2")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 2, 0, -1, 1, "at least 0")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, int.MaxValue, 0, 0, 1, "more than an axis holds")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1 << 20, 0, 0, 1, "has more than")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, int.MaxValue, 0, 1, "wider than")]
    [TestCase(new[] { 1, 3, 4, 4 }, new[] { 3, 2, 3, 3 }, 1, 1, 0, 0, int.MaxValue, "wider than")]
    public void ConvTranspose2d_OfWhatDoesNotFit_NamesIt(int[] x, int[] w, int groups, int stride, int padding, int outputPadding, int dilation, string mend)
        => Assert.That(() => Tensor.Zeros(x).ConvTranspose2d(Tensor.Zeros(w), null, stride, padding, outputPadding, dilation, groups),
            Throws.TypeOf<ShapeException>().With.Message.Contains(mend).And.Message.Contains(mend == "has more than" ? "Split" : "ConvTranspose2d"));

    [Test]
    public void ConvTranspose2d_BiasOfAnotherLength_IsRefused()
        => Assert.That(() => Tensor.Zeros([1, 4, 3, 3]).ConvTranspose2d(Tensor.Zeros([4, 3, 3, 3]), Tensor.Zeros([3]), groups: 2),
            Throws.TypeOf<ShapeException>().With.Message.Contains("must be (6)"));

    [TestCase(int.MaxValue, 1)]
    [TestCase(0, int.MaxValue)]
    public void Conv2d_OfSettingsBeyondAnyImage_IsRefused(int padding, int dilation)
        => Assert.That(() => Tensor.Zeros([1, 1, 4, 4]).Conv2d(Tensor.Zeros([1, 1, 3, 3]), padding: padding, dilation: dilation),
            Throws.TypeOf<ShapeException>().With.Message.Contains("wider than"));

    [Test]
    public void ConvTranspose2d_OnAnyNumberOfThreads_GivesTheSameBits()
    {
        var expected = Run(1);
        Assert.That(Run(3), Is.EqualTo(expected));

        static float[] Run(int threads)
        {
            using var device = new CpuDevice(threads);
            var rng = new Rng(3);
            Tensor x = Tensor.Normal([3, 6, 9, 8], rng, device: device).WithGrad(), w = Tensor.Normal([6, 10, 3, 3], rng, device: device).WithGrad();
            var b = Tensor.Normal([10], rng, device: device).WithGrad();
            var y = x.ConvTranspose2d(w, b, stride: 2, padding: 1, activation: Activation.Gelu);
            (y * y).Sum().Backward();
            return [.. y.ToArray(), .. x.Grad!.ToArray(), .. w.Grad!.ToArray(), .. b.Grad!.ToArray()];
        }
    }
}
