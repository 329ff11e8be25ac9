using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class CtcLossTests(string name)
{
    private readonly Device device = TestDevices.Get(name);

    private Tensor Logits(int n, int steps, int classes, ulong seed = 1) => Tensor.Normal([n, steps, classes], new Rng(seed), device: device);

    private Tensor Labels(int[] labels, params int[] shape) => Tensor.From(labels, shape, device);

    /// <summary>Every target of up to three labels, repeats and all, by every path there is: the loss, and the gradient by the paths' shares.</summary>
    [Test]
    public void LossAndGradient_AreThoseOfAllAlignments([Values(1, 2, 3, 4, 5)] int steps, [Values(2, 3)] int classes)
    {
        if (name == "emulated" && steps > 3) Assert.Ignore("The emulator is a debugger; smaller cases ran.");
        int blank = steps % classes;
        int[][] targets = [.. CtcBruteForce.Labellings(classes, 3, blank).Where(target => CtcBruteForce.StepsNeeded(target) <= steps)];
        var x = Logits(targets.Length, steps, classes).WithGrad();
        var losses = x.CtcLoss(Labels([.. targets.SelectMany(t => t)], targets.Sum(t => t.Length)), null, [.. targets.Select(t => t.Length)], blank);
        losses.Sum().Backward();
        double[] found = losses.ToArray<double>(), gradients = x.Grad!.ToArray<double>(), logits = x.ToArray<double>();
        double tolerance = device is ReferenceDevice ? 1e-12 : 2e-5;
        for (int i = 0; i < targets.Length; i++)
        {
            int size = steps * classes;
            var (probability, gradient) = CtcBruteForce.Gradient(logits.AsSpan(i * size, size), steps, classes, targets[i], blank);
            string target = $"[{string.Join(", ", targets[i])}]";
            Assert.That(found[i], Is.EqualTo(-Math.Log(probability)).Within(tolerance), target);
            Assert.That(gradients.AsSpan(i * size, size).ToArray(), Is.EqualTo(gradient).Within(tolerance), target);
        }
    }

    [Test]
    public void Loss_OfLogProbabilities_IsThatOfTheLogits()
    {
        var x = Logits(2, 6, 4);
        var targets = Labels([1, 1, 2, 3], 2, 2);
        Assert.That(x.LogSoftmax().CtcLoss(targets).ToArray<double>(), Is.EqualTo(x.CtcLoss(targets).ToArray<double>()).Within(1e-5));
    }

    [Test]
    public void StepsPastTheEnd_CountForNothing()
    {
        var x = Logits(1, 6, 4);
        var padded = Tensor.Concat([x, Tensor.Full([1, 3, 4], float.NaN, device)], 1).WithGrad();
        var loss = padded.CtcLoss(Labels([3, 1], 1, 2), [6]);
        Assert.That(loss.ToArray(), Is.EqualTo(x.CtcLoss(Labels([3, 1], 1, 2)).ToArray()));
        loss.Sum().Backward();
        var gradient = padded.Grad!.ToArray();
        Assert.That(gradient[24..], Is.All.Zero);
        Assert.That(gradient[..24], Has.None.EqualTo(0f));
    }

    [Test]
    public void EmptyTarget_IsAllBlanks()
    {
        var x = Logits(1, 5, 3);
        double blanks = x.LogSoftmax().ToArray<double>().Where((_, i) => i % 3 == 2).Sum();
        Assert.That(x.CtcLoss(Labels([], 1, 0), blank: 2).Item(), Is.EqualTo(-blanks).Within(1e-5));
        Assert.That(Loss.Ctc(x, Labels([2, 2], 1, 2), null, blank: 2).Item(), Is.EqualTo(-blanks).Within(1e-5), "the mean of an empty target is over 1");
    }

    [Test]
    public void ImprobableTarget_KeepsItsLossAndGradient()
    {
        // Each step says its class with a probability of 1 − e⁻⁴⁰⁰, and the target wants another: no float and no double holds the product.
        var numbers = new float[2 * 50 * 3];
        for (int t = 0; t < 100; t++) numbers[3 * t] = 400;
        var x = Tensor.From(numbers, [2, 50, 3], device).WithGrad();
        var losses = x.CtcLoss(Labels([1, 2, 1, 2], 2, 2));
        const double ways = 50 * 49 / 2;                                // of choosing the two steps that say a label, each by itself
        Assert.That(losses.ToArray<double>(), Is.All.EqualTo(800 - Math.Log(ways)).Within(1e-2));
        losses.Sum().Backward();
        var gradient = x.Grad!.ToArray();
        Assert.That(gradient, Has.All.InRange(-1.001f, 1.001f));
        for (int c = 1; c < 3; c++) Assert.That(gradient.Take(150).Where((_, i) => i % 3 == c).Sum(), Is.EqualTo(-1).Within(1e-3), $"class {c} is said once");
    }

    [Test]
    public void NoPath_IsInfinite_OrPassedOver()
    {
        var numbers = Logits(2, 4, 3).ToArray();
        for (int t = 0; t < 4; t++) numbers[3 * t + 1] = float.NegativeInfinity;
        var x = Tensor.From(numbers, [2, 4, 3], device).WithGrad();
        var targets = Labels([1, 1], 2, 1);
        var losses = x.CtcLoss(targets);
        Assert.That(losses.ToArray()[0], Is.EqualTo(float.PositiveInfinity));
        var passed = x.CtcLoss(targets, zeroInfinity: true);
        Assert.That(passed.ToArray(), Is.EqualTo(new[] { 0, losses.ToArray()[1] }));
        passed.Sum().Backward();
        Assert.That(x.Grad!.ToArray()[..12], Is.All.Zero);
        Assert.That(x.Grad!.ToArray()[12..], Has.None.NaN.And.None.EqualTo(0f));
    }

    [Test]
    public void TooLongATarget_IsRefused_OrPassedOver()
    {
        var x = Logits(3, 4, 4).WithGrad();
        var targets = Labels([1, 2, 0, 2, 2, 2, 1, 3, 0], 3, 3);
        Assert.That(() => x.CtcLoss(targets), Throws.TypeOf<SequenceException>().With.Message.Contains("target of row 1 needs 5 steps").And.Message.Contains("3 labels, and 2 blanks").And.Message.Contains("zeroInfinity"));
        Assert.That(() => x.CtcLoss(targets, [4, 4, 1], [2, 0, 2]), Throws.TypeOf<SequenceException>().With.Message.Contains("target of row 2 needs 2 steps").And.Message.Contains("its input has 1"));
        var losses = x.CtcLoss(targets, zeroInfinity: true);
        Assert.That(losses.ToArray()[1], Is.Zero);
        Assert.That(losses.ToArray()[0], Is.GreaterThan(0));
        losses.Sum().Backward();
        Assert.That(x.Grad!.ToArray()[16..32], Is.All.Zero);
        Assert.That(x.Grad!.ToArray()[..16], Has.None.NaN.And.None.EqualTo(0f));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void LogitsThatAreNotFinite_AreRefused_ByExampleAndStep(float bad)
    {
        var numbers = Logits(2, 4, 3).ToArray();
        numbers[12 + 2 * 3 + 1] = bad;
        var x = Tensor.From(numbers, [2, 4, 3], device);
        Assert.That(() => x.CtcLoss(Labels([1, 2], 2, 1)), Throws.TypeOf<SequenceException>().With.Message.Contains("row 1 at step 2").And.Property("Row").EqualTo(1));
        Assert.That(() => CtcDecoder.Greedy(x), Throws.TypeOf<SequenceException>().With.Message.Contains("row 1 at step 2").And.Property("Row").EqualTo(1));
    }

    [Test]
    public void Bits_AreTheSameOnAnyNumberOfThreads()
    {
        if (device is not CpuDevice) Assert.Ignore("Of the processor.");
        using var one = new CpuDevice(1);
        var x = Logits(5, 40, 7);
        var targets = Labels([.. Enumerable.Range(0, 30).Select(i => 1 + i * 5 % 6)], 5, 6);
        Tensor many = x.WithGrad(), single = x.To(one).WithGrad();
        Tensor a = many.CtcLoss(targets), b = single.CtcLoss(targets.To(one));
        a.Sum().Backward();
        b.Sum().Backward();
        Assert.That(b.ToArray(), Is.EqualTo(a.ToArray()));
        Assert.That(single.Grad!.ToArray(), Is.EqualTo(many.Grad!.ToArray()));
    }
}

/// <summary>What is refused on the host, whatever the device.</summary>
public class CtcArgumentTests
{
    private static readonly Tensor X = Tensor.Zeros([2, 4, 3]);

    private static Tensor Labels(int[] labels, params int[] shape) => Tensor.From(labels, shape);

    [Test]
    public void BadLabels_AreNamed()
    {
        Assert.That(() => X.CtcLoss(Labels([1, 2, 1, 3], 2, 2)), Throws.TypeOf<IndexException>().With.Message.Contains("target of row 1 has the label 3 at position 1").And.Message.Contains("0..2"));
        Assert.That(() => X.CtcLoss(Labels([1, 2, 0, 2], 2, 2), null, [2, 2]), Throws.TypeOf<IndexException>().With.Message.Contains("target of row 1 has the label 0 at position 0").And.Message.Contains("blank"));
        Assert.That(() => X.CtcLoss(Labels([1, -1, 1, 2], 2, 2), null, [2, 2]), Throws.TypeOf<IndexException>().With.Message.Contains("target of row 0 has the label -1"));
        Assert.That(() => X.CtcLoss(Labels([1, 0, 2, 1, 0, 0], 2, 3)), Throws.TypeOf<IndexException>().With.Message.Contains("target of row 0").And.Message.Contains("padding").And.Message.Contains("label 2"));
    }

    [Test]
    public void BadLengths_AreNamed()
    {
        var targets = Labels([1, 2, 1, 2], 2, 2);
        Assert.That(() => X.CtcLoss(targets, [4, 5]), Throws.TypeOf<SequenceException>().With.Message.Contains("input length of row 1 is 5").And.Message.Contains("1..4"));
        Assert.That(() => X.CtcLoss(targets, [0, 4]), Throws.TypeOf<SequenceException>().With.Message.Contains("input length of row 0 is 0"));
        Assert.That(() => X.CtcLoss(targets, [4]), Throws.TypeOf<ShapeException>().With.Message.Contains("1 input lengths for 2 examples"));
        Assert.That(() => X.CtcLoss(targets, null, [2, 3]), Throws.TypeOf<SequenceException>().With.Message.Contains("target length of row 1 is 3").And.Message.Contains("0..2"));
        Assert.That(() => X.CtcLoss(targets, null, [-1, 2]), Throws.TypeOf<SequenceException>().With.Message.Contains("-1"));
        Assert.That(() => X.CtcLoss(Labels([1, 2, 1], 3), null, [1, 1]), Throws.TypeOf<ShapeException>().With.Message.Contains("add up to 2").And.Message.Contains("3 labels"));
        Assert.That(() => Tensor.Zeros([2, 0, 3]).CtcLoss(targets), Throws.TypeOf<ShapeException>().With.Message.Contains("no steps"));
    }

    [Test]
    public void BadShapesAndTypes_AreNamed()
    {
        var targets = Labels([1, 2, 1, 2], 2, 2);
        Assert.That(() => X.Reshape(8, 3).CtcLoss(targets), Throws.TypeOf<ShapeException>().With.Message.Contains("(8, 3)").And.Message.Contains("Transpose(0, 1)"));
        Assert.That(() => X.CtcLoss(Labels([1, 2], 1, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("(1, 2)"));
        Assert.That(() => X.CtcLoss(Labels([1, 2], 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("targetLengths"));
        Assert.That(() => X.CtcLoss(Tensor.Zeros([2, 2])), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
        Assert.That(() => X.CtcLoss(targets, blank: 3), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0..2"));
        Assert.That(() => X.CtcLoss(targets, blank: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => X.Cast(DType.Int32).CtcLoss(targets), Throws.TypeOf<DTypeException>());
        Assert.That(() => Loss.Ctc(Tensor.Zeros([0, 4, 3]), Labels([], 0, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
    }

    [Test]
    public void Reductions_AreThoseOfPyTorch()
    {
        var x = Tensor.Normal([3, 6, 4], new Rng(3));
        var targets = Labels([1, 2, 3, 2, 0, 0, 0, 0, 0], 3, 3);
        double[] each = Loss.Ctc(x, targets, null, reduction: Reduction.None).ToArray<double>();
        Assert.That(Loss.Ctc(x, targets).Item(), Is.EqualTo((each[0] / 3 + each[1] + each[2]) / 3).Within(1e-5));
        Assert.That(Loss.Ctc(x, targets, null, reduction: Reduction.Sum).Item(), Is.EqualTo(each.Sum()).Within(1e-5));
        Assert.That(Loss.Ctc(x, targets, null, reduction: Reduction.BatchMean).Item(), Is.EqualTo(each.Sum() / 3).Within(1e-5));
    }
}
