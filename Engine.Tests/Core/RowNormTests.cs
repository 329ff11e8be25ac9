using System.Runtime.CompilerServices;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class RowNormTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Norms_AreTheirFormulas(string name)
    {
        var device = TestDevices.Get(name);
        var x = Tensor.From([1f, 2, 3, 6], [1, 4], device);       // mean 3, Σ(x − 3)² = 14, Σx² = 50
        float deviation = MathF.Sqrt(14 / 4f), root = MathF.Sqrt(50 / 4f);
        Assert.That(x.LayerNorm(epsilon: 0).ToArray(), Is.EqualTo(new[] { -2 / deviation, -1 / deviation, 0, 3 / deviation }).Within(1e-5));
        Assert.That(x.RmsNorm(epsilon: 0).ToArray(), Is.EqualTo(new[] { 1 / root, 2 / root, 3 / root, 6 / root }).Within(1e-5));
        Assert.That(x.GroupNorm(2, epsilon: 0).ToArray(), Is.EqualTo(new[] { -1f, 1, -1, 1 }).Within(1e-5));
        Assert.That((x - 1).AddLayerNorm(Tensor.Ones([1, 4], device), null, null, out var sum, 0).ToArray(), Is.EqualTo(x.LayerNorm(epsilon: 0).ToArray()).Within(1e-6));
        Assert.That(sum.ToArray(), Is.EqualTo(x.ToArray()));
    }

    [TestCaseSource(nameof(Devices))]
    public void LayerNorm_FarFromZero_LosesNothing(string name)
    {
        var device = TestDevices.Get(name);
        var numbers = new float[3 * 50];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = 10000 + i % 2;
        Assert.That(Tensor.From(numbers, [3, 50], device).LayerNorm().ToArray(), Is.EqualTo(numbers.Select(v => v > 10000 ? 1f : -1f)).Within(1e-3));
    }

    [Test]
    public void AddLayerNorm_IsTheNormOfTheSum_InTrainingAndWithout()
    {
        Tensor a = Tensor.Normal([5, 19], new Rng(1)).WithGrad(), b = Tensor.Normal([5, 19], new Rng(2)).WithGrad(), w = Tensor.Normal([19], new Rng(3)), bias = Tensor.Normal([19], new Rng(4));
        float[] expected = (a + b).LayerNorm(w, bias).ToArray();
        Assert.That(a.AddLayerNorm(b, w, bias).ToArray(), Is.EqualTo(expected));
        Assert.That(a.Detach().AddLayerNorm(b.Detach(), w, bias).ToArray(), Is.EqualTo(expected));
        Assert.That(a.AddLayerNorm(b, w, bias, out _).ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void AddLayerNorm_KeepsOnlyWhatBackwardReads()
    {
        using var device = new CpuDevice(1);
        var x = Tensor.Ones([64, 1024], device).WithGrad();
        var (loss, result) = Loss();
        for (int i = 0; i < 3 && result.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.That(result.IsAlive, Is.False, "the norm's result outlives its use");
        Assert.That(Autograd.Gradients(loss, [x])[0].ToArray(), Is.All.Matches<float>(float.IsFinite));

        [MethodImpl(MethodImplOptions.NoInlining)]
        (Tensor, WeakReference) Loss()
        {
            var y = x.AddLayerNorm(x, null, null, out _);
            return (y.Sum(), new WeakReference(y));
        }
    }

    [TestCase(600, 37, 1, 1)]
    [TestCase(2000, 96, 1, 1)]
    [TestCase(4200, 250, 1, 1)]                                     // over 2²⁰ numbers: more chunks of rows than slots
    [TestCase(4, 6, 2, 7000)]
    public void RowNorm_GivesTheSameBits_OnOneTwoAndThreeThreads(int n, int channels, int groups, int space)
    {
        float[][] runs = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var device = new CpuDevice(threads);
            return Run(device);
        })];
        Assert.That(runs[1], Is.EqualTo(runs[0]));
        Assert.That(runs[2], Is.EqualTo(runs[0]));
        float[] expected = Run(TestDevices.Reference);
        Assert.That(runs[0].Zip(expected, (a, r) => Math.Abs(a - r) / (1 + Math.Abs(r))).Max(), Is.LessThan(1e-4));

        float[] Run(Device device)
        {
            Tensor x = Tensor.Normal([n, channels, space], new Rng(1), device: device).WithGrad(), w = Tensor.Normal([channels], new Rng(2), device: device).WithGrad(), b = Tensor.Normal([channels], new Rng(3), device: device).WithGrad();
            var y = space == 1 ? x.Reshape(n, channels).LayerNorm(w, b) : x.GroupNorm(groups, w, b);
            y.Backward(Tensor.Normal(y.Shape, new Rng(4), device: device));
            return [.. y.ToArray(), .. x.Grad!.ToArray(), .. w.Grad!.ToArray(), .. b.Grad!.ToArray()];
        }
    }

    [Test]
    public void Norms_RefuseWhatDoesNotFit()
    {
        Tensor x = Tensor.Zeros([2, 6]), w = Tensor.Ones([5]);
        Assert.That(() => x.LayerNorm(w), Throws.TypeOf<ShapeException>().With.Message.Contains("LayerNorm: the weight (5) must be (6)"));
        Assert.That(() => x.RmsNorm(w), Throws.TypeOf<ShapeException>().With.Message.Contains("RmsNorm"));
        Assert.That(() => x.LayerNorm(null, w), Throws.TypeOf<ShapeException>().With.Message.Contains("the bias"));
        Assert.That(() => x.AddLayerNorm(Tensor.Zeros([1, 6])), Throws.TypeOf<ShapeException>().With.Message.Contains("residual"));
        Assert.That(() => x.AddLayerNorm(Tensor.Zeros([1, 6]), null, null, out _), Throws.TypeOf<ShapeException>().With.Message.Contains("residual"));
        Assert.That(() => x.GroupNorm(4), Throws.TypeOf<ShapeException>().With.Message.Contains("6 channels, which 4 groups do not divide"));
        Assert.That(() => x.GroupNorm(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Tensor.Zeros([6]).GroupNorm(2), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Scalar(1).LayerNorm(), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.LayerNorm(epsilon: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.LayerNorm(epsilon: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Tensor.From([1, 2], [1, 2]).LayerNorm(), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
    }

    [Test]
    public void Layers_HavePyTorchsNames_AndRefuseOtherSizes()
    {
        Assert.That(new LayerNorm(4).NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "weight", "bias" }));
        Assert.That(new LayerNorm(4, bias: false).NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "weight" }));
        Assert.That(new RmsNorm(4).NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "weight" }));
        Assert.That(new GroupNorm(2, 4).NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "weight", "bias" }));
        var x = Tensor.Normal([2, 3], new Rng(1));
        foreach (Layer layer in new Layer[] { new LayerNorm(4), new RmsNorm(4), new GroupNorm(2, 4) })
            Assert.That(() => layer.Predict(x), Throws.TypeOf<ShapeException>().With.Message.Contains(layer.GetType().Name));
        Assert.That(() => new LayerNorm(4).Add(x, x, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("LayerNorm"));
        Assert.That(() => new GroupNorm(3, 4), Throws.ArgumentException);
        Assert.That(() => new LayerNorm(4, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        var norm = new LayerNorm(3);
        var both = norm.AddAndKeep(x, x, Pass.Inference);
        Assert.That(both.Norm.ToArray(), Is.EqualTo(norm.Add(x, x, Pass.Inference).ToArray()));
        Assert.That(both.Sum.ToArray(), Is.EqualTo((x + x).ToArray()));
    }
}
