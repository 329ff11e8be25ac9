using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class BatchNormTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void BatchNorm_MovesTheRunningStatistics_TowardsTheUnbiasedOnes(string name)
    {
        var device = TestDevices.Get(name);
        Tensor mean = Tensor.Zeros([2], device), variance = Tensor.Ones([2], device), one = Tensor.Ones([2], device), zero = Tensor.Zeros([2], device);
        var x = Tensor.From([1f, 10, 2, 20, 3, 30, 6, 40], [4, 2], device);
        var y = x.BatchNorm(one, zero, mean, variance, training: true);
        // Column 0: mean 3, Σ(x − 3)² = 14; column 1: mean 25, Σ(x − 25)² = 500.
        Assert.That(mean.ToArray(), Is.EqualTo(new[] { 0.3f, 2.5f }).Within(1e-5));
        Assert.That(variance.ToArray(), Is.EqualTo(new[] { 0.9f + 0.1f * 14 / 3, 0.9f + 0.1f * 500 / 3 }).Within(1e-4));
        Assert.That(y[0].ToArray(), Is.EqualTo(new[] { -2 / MathF.Sqrt(3.5f), -15 / MathF.Sqrt(125) }).Within(1e-4));
    }

    [TestCaseSource(nameof(Devices))]
    public void BatchNorm_FarFromZero_LosesNothing(string name)
    {
        var device = TestDevices.Get(name);
        var numbers = new float[2 * 3 * 50];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = 10000 + i % 2;
        var (one, zero) = (Tensor.Ones([3], device), Tensor.Zeros([3], device));
        var y = Tensor.From(numbers, [2, 3, 50], device).BatchNorm(one, zero, zero * 1, one * 1, training: true);
        Assert.That(y.ToArray(), Is.EqualTo(numbers.Select(v => v > 10000 ? 1f : -1f)).Within(1e-3));
    }

    [Test]
    public void BatchNorm_InferenceGraph_NoticesThatTrainingMovedItsStatistics()
    {
        Tensor mean = Tensor.Zeros([2]), variance = Tensor.Ones([2]), one = Tensor.Ones([2]).WithGrad(), zero = Tensor.Zeros([2]);
        var x = Tensor.From([1f, 2, 3, 4], [2, 2]);
        var y = x.BatchNorm(one, zero, mean, variance, training: false).Sum();
        x.BatchNorm(one, zero, mean, variance, training: true);
        Assert.That(() => y.Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("BatchNorm"));
    }

    [Test]
    public void BatchNorm_OfOneNumberAChannel_IsRefusedInTrainingAlone()
    {
        Tensor one = Tensor.Ones([2]), zero = Tensor.Zeros([2]), x = Tensor.Zeros([1, 2, 1, 1]);
        Assert.That(() => x.BatchNorm(one, zero, zero, one, training: true), Throws.TypeOf<ShapeException>().With.Message.Contains("1 numbers a channel"));
        Assert.That(x.BatchNorm(one, zero, zero, one, training: false).Shape, Is.EqualTo(x.Shape));
        Assert.That(() => Tensor.Zeros([0, 2]).BatchNorm(one, zero, zero, one, training: true), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Zeros([2]).BatchNorm(one, zero, zero, one, training: true), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Zeros([4, 3]).BatchNorm(one, zero, zero, one, training: true), Throws.TypeOf<ShapeException>().With.Message.Contains("gamma"));
    }

    [Test]
    public void BatchNorm_WithAnAddendOfAnotherShape_IsRefused()
    {
        Tensor one = Tensor.Ones([2]), zero = Tensor.Zeros([2]), x = Tensor.Zeros([4, 2, 3]);
        Assert.That(() => x.BatchNorm(one, zero, zero, one, training: false, addend: Tensor.Zeros([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("addend"));
    }

    [TestCase(true, Activation.Relu)]
    [TestCase(false, Activation.Relu)]
    [TestCase(true, Activation.None)]
    [TestCase(true, Activation.Tanh)]
    [TestCase(false, Activation.Gelu)]
    public void BatchNorm_WithAddendAndActivation_GivesTheBitsOfTheThreeOps(bool adds, Activation activation)
    {
        Assert.That(Run(fused: true), Is.EqualTo(Run(fused: false)));

        float[] Run(bool fused)
        {
            var rng = new Rng(3);
            Tensor x = Tensor.Normal([3, 5, 7, 9], rng).WithGrad(), addend = Tensor.Normal([3, 5, 7, 9], rng).WithGrad(), w = Tensor.Normal([3, 5, 7, 9], rng);
            Tensor gamma = Tensor.Normal([5], rng).WithGrad(), beta = Tensor.Normal([5], rng).WithGrad(), mean = Tensor.Zeros([5]), variance = Tensor.Ones([5]);
            Tensor y;
            if (fused) y = x.BatchNorm(gamma, beta, mean, variance, training: true, addend: adds ? addend : null, activation: activation);
            else
            {
                y = x.BatchNorm(gamma, beta, mean, variance, training: true);
                if (adds) y += addend;
                y = activation switch { Activation.Relu => y.Relu(), Activation.Tanh => y.Tanh(), Activation.Gelu => y.Gelu(), _ => y };
            }
            (y * w).Sum().Backward();
            return [.. y.ToArray(), .. x.Grad!.ToArray(), .. gamma.Grad!.ToArray(), .. beta.Grad!.ToArray(), .. mean.ToArray(), .. variance.ToArray(),
                .. adds ? addend.Grad!.ToArray() : []];
        }
    }

    [Test]
    public void BatchNorm_WithAddendAndActivation_TakesTheResultAlone()
    {
        using var device = new CpuDevice(1);
        Tensor one = Tensor.Ones([2], device), zero = Tensor.Zeros([2], device), x = Tensor.Ones([8, 2, 1024], device).WithGrad(), addend = Tensor.Ones([8, 2, 1024], device);
        long before = device.BytesInUse;
        var y = x.BatchNorm(one, zero, zero, one, training: true, addend: addend, activation: Activation.Relu);
        Assert.That(device.BytesInUse - before, Is.EqualTo(4 * y.Count + 2 * 64), "the result, and this batch's mean and variance");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void BatchNorm_ForAnotherBackwardPass_GivesTheSameAgain(bool adds)
    {
        Tensor one = Tensor.Ones([2]).WithGrad(), zero = Tensor.Zeros([2]), x = Tensor.Normal([8, 2], new Rng(1)).WithGrad(), addend = Tensor.Normal([8, 2], new Rng(2)).WithGrad();
        var loss = x.BatchNorm(one, zero, Tensor.Zeros([2]), Tensor.Ones([2]), training: true, addend: adds ? addend : null, activation: Activation.Relu).Tanh().Sum();
        float[] first = Gradients(), second = Gradients();
        Assert.That(second, Is.EqualTo(first));
        Assert.That(first.Any(g => g != 0));

        float[] Gradients() => [.. Autograd.Gradients(loss, adds ? [x, one, addend] : [x, one], retainGraph: true).SelectMany(g => g.ToArray())];
    }

    [TestCase(4, 5, 700)]
    [TestCase(600, 37, 1)]
    public void BatchNorm_GivesTheSameBits_OnOneTwoAndThreeThreads(int n, int channels, int space)
    {
        var numbers = new float[n * channels * space];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = Philox.Uniform(Philox.Word(5, (ulong)i));
        float[][] found = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var device = new CpuDevice(threads);
            var x = Tensor.From(numbers, [n, channels, space], device).WithGrad();
            Tensor gamma = Tensor.Ones([channels], device).WithGrad(), beta = Tensor.Zeros([channels], device).WithGrad();
            var y = x.BatchNorm(gamma, beta, Tensor.Zeros([channels], device), Tensor.Ones([channels], device), training: true);
            (y * x).Sum().Backward();
            return (float[])[.. y.ToArray(), .. x.Grad!.ToArray(), .. gamma.Grad!.ToArray(), .. beta.Grad!.ToArray()];
        })];
        Assert.That(found[1], Is.EqualTo(found[0]));
        Assert.That(found[2], Is.EqualTo(found[0]));
    }
}
