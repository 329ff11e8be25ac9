using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;
using Device = Engine.Kernels.Device;
using EngineTensor = Engine.Core.Tensor;
using TorchReduction = TorchSharp.torch.nn.Reduction;

namespace Engine.Libtorch;

/// <summary>The CTC loss and its gradient beside libtorch's, on shapes drawn at random.</summary>
public class CtcTests : Comparison
{
    private const int Cases = 60;

    [Test]
    public void Float_IsLibtorchs_WithinOneHundredThousandth([Range(0, Cases - 1)] int number)
        => Note(Compare(number, new CpuDevice(1), 1e-5));

    [Test]
    public void Double_IsLibtorchs([Range(0, Cases - 1)] int number) => Compare(number, new ReferenceDevice(), 1e-10);

    /// <summary>Libtorch computes in double, since its own single precision is not of five digits where a loss is large; differences are relative to 1 + |loss|.</summary>
    private static double Compare(int number, Device device, double tolerance)
    {
        var random = Drawn.For(number);
        int batch = random.Next(1, 6), classes = random.Next(2, 40), steps = random.Next(1, 80), blank = random.Next(classes), most = random.Next(0, 25);
        int[] inputs = [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, steps + 1))];
        int[] targets = [.. inputs.Select(_ => random.Next(0, most + 1))];
        int[] labels = [.. Enumerable.Range(0, targets.Sum()).Select(_ => (blank + 1 + random.Next(classes - 1)) % classes)];
        double scale = random.Next(1, 10);
        double[] logits = [.. random.Numbers(batch * steps * classes).Select(x => scale * x)];
        bool sum = random.Flip();
        TestContext.Out.WriteLine($"SEED={Drawn.Seed}: ({batch}, {steps}, {classes}), blank {blank}, lengths {string.Join(' ', inputs)} and {string.Join(' ', targets)}, {(sum ? "sum" : "mean")}");

        var x = EngineTensor.From(logits, [batch, steps, classes], device).WithGrad();
        var loss = Loss.Ctc(x, EngineTensor.From(labels, [labels.Length], device), inputs, targets, blank, zeroInfinity: true, sum ? Reduction.Sum : Reduction.Mean);
        loss.Backward();

        using var scope = NewDisposeScope();
        var theirs = tensor(x.ToArray<double>(), [batch, steps, classes], dtype: ScalarType.Float64, requires_grad: true);
        var expected = nn.functional.ctc_loss(theirs.log_softmax(2).transpose(0, 1), tensor(Array.ConvertAll(labels, k => (long)k)), tensor(Array.ConvertAll(inputs, k => (long)k)),
            tensor(Array.ConvertAll(targets, k => (long)k)), blank, zero_infinity: true, reduction: sum ? TorchReduction.Sum : TorchReduction.Mean);
        expected.backward();

        double off = Math.Max(Math.Abs(loss.Item() - expected.item<double>()) / (1 + Math.Abs(expected.item<double>())), Drawn.Difference(x.Grad!.ToArray<double>(), theirs.grad!.data<double>().ToArray()));
        Assert.That(off, Is.LessThanOrEqualTo(tolerance));
        return off;
    }
}
