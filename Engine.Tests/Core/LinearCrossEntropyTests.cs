using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class LinearCrossEntropyTests
{
    private static readonly int[] Some = [3, -100, 0, 6, -100];

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Loss_AndGradients_AreThoseOfTheLogits(string name)
    {
        var device = TestDevices.Get(name);
        Tensor hidden = Tensor.Normal([5, 8], new Rng(1), device: device), weight = Tensor.Normal([7, 8], new Rng(2), device: device), bias = Tensor.Normal([7], new Rng(3), device: device);
        var classes = Tensor.From(Some, [5], device);
        var whole = Run((h, w, b) => h.MatMul(w, b, transposeOther: true).CrossEntropy(classes, -100));
        var blocks = Run((h, w, b) => Op.Apply(new LinearCrossEntropyOp(-100, true, 14), h, w, b, classes));
        for (int i = 0; i < whole.Length; i++) Assert.That(blocks[i], Is.EqualTo(whole[i]).Within(1e-5));

        float[][] Run(Func<Tensor, Tensor, Tensor, Tensor> loss)
        {
            Tensor h = hidden.Detach().WithGrad(), w = weight.Detach().WithGrad(), b = bias.Detach().WithGrad();
            var y = loss(h, w, b);
            (y * 3).Backward();
            return [y.ToArray(), h.Grad!.ToArray(), w.Grad!.ToArray(), b.Grad!.ToArray()];
        }
    }

    [Test]
    public void TheLogits_AreNeverWhole()
    {
        using var device = new CpuDevice(1);
        const int rows = 600, classes = 20_000, width = 8;
        Tensor h = Tensor.Normal([rows, width], new Rng(1), device: device).WithGrad(), w = Tensor.Normal([classes, width], new Rng(2), device: device).WithGrad();
        h.LinearCrossEntropy(w, null, Tensor.From([.. Enumerable.Range(0, rows)], [rows], device)).Backward();
        Assert.That(device.BytesReserved, Is.LessThan(4L * rows * classes));
    }

    [Test]
    public void ABatchIgnoredWhole_HasLossAndGradientsOfZero()
    {
        Tensor h = Tensor.Normal([2, 3], new Rng(1)).WithGrad(), w = Tensor.Normal([4, 3], new Rng(2)).WithGrad();
        var loss = h.LinearCrossEntropy(w, null, Tensor.From([-100, -100], [2]));
        loss.Backward();
        Assert.That(loss.Item(), Is.Zero);
        Assert.That(h.Grad!.ToArray().Concat(w.Grad!.ToArray()), Is.All.Zero);
    }

    [Test]
    public void ABadClass_IsNamedByItsRow()
    {
        Tensor h = Tensor.Normal([5, 3], new Rng(1)), w = Tensor.Normal([4, 3], new Rng(2));
        var error = Assert.Throws<IndexException>(() => Op.Apply(new LinearCrossEntropyOp(-100, true, 8), h, w, null, Tensor.From([0, 1, 2, 4, 0], [5])));
        Assert.That(error!.Message, Does.Contain("row 3 is of class 4").And.Contain("0..3"));
        using var emulated = GpuDevice.Emulated();
        Assert.That(() => h.To(emulated).LinearCrossEntropy(w.To(emulated), null, Tensor.From([0, 1, 2, 4, 0], [5], emulated)).Item(), Throws.TypeOf<IndexException>());
    }

    [Test]
    public void LinearCrossEntropy_RefusesWhatDoesNotFit()
    {
        Tensor h = Tensor.Zeros([2, 3]), w = Tensor.Zeros([4, 3]), classes = Tensor.From([0, 1], [2]);
        Assert.That(() => h.LinearCrossEntropy(Tensor.Zeros([3, 4]), null, classes), Throws.TypeOf<ShapeException>().With.Message.Contains("(V, C)"));
        Assert.That(() => h.LinearCrossEntropy(w, Tensor.Zeros([3]), classes), Throws.TypeOf<ShapeException>().With.Message.Contains("bias"));
        Assert.That(() => h.LinearCrossEntropy(w, null, Tensor.From([0], [1])), Throws.TypeOf<ShapeException>().With.Message.Contains("one for each row"));
        Assert.That(() => h.LinearCrossEntropy(w, null, Tensor.Zeros([2])), Throws.TypeOf<DTypeException>());
        Assert.That(() => h[..0].LinearCrossEntropy(w, null, classes[..0]), Throws.TypeOf<ShapeException>().With.Message.Contains("no losses"));
        Assert.That(() => h.LinearCrossEntropy(w[..0], null, classes), Throws.TypeOf<ShapeException>());
    }
}
