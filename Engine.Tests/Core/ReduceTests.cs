using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class ReduceTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    [Test]
    public void Sum_OfTenMillionTenths_IsAccurate()
    {
        var numbers = new float[10_000_000];
        Array.Fill(numbers, 0.1f);
        var x = Tensor.From(numbers, [numbers.Length]);
        double exact = numbers.Length * (double)0.1f;
        Assert.That(x.Sum().Item(), Is.EqualTo(exact).Within(1e-5 * exact));
        Assert.That(x.Reshape(-1, 10).Sum(0).ToArray(), Is.All.EqualTo(exact / 10).Within(1e-6 * exact));
    }

    [TestCase(3, 100_003)]
    [TestCase(100_003, 3)]
    [TestCase(1000, 257)]
    public void Reductions_GiveTheSameBits_OnOneTwoAndThreeThreads(int rows, int columns)
    {
        var numbers = new float[rows * columns];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = Philox.Uniform(Philox.Word(3, (ulong)i)) - 0.5f;
        float[][] found = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var device = new CpuDevice(threads);
            var x = Tensor.From(numbers, [rows, columns], device);
            return (float[])[.. x.Sum(0).ToArray(), .. x.Mean(1).ToArray(), .. x.Sum().ToArray()];
        })];
        Assert.That(found[1], Is.EqualTo(found[0]));
        Assert.That(found[2], Is.EqualTo(found[0]));
    }

    [TestCaseSource(nameof(Devices))]
    public void ArgMax_TakesTheFirstNaN_ElseTheFirstOfSeveral(string device)
    {
        float nan = float.NaN, low = float.NegativeInfinity;
        var x = Tensor.From([1, 3, 3, 2, low, low, low, low, 5, nan, 9, nan], [3, 4], TestDevices.Get(device));
        Assert.That(x.ArgMax().ToArray<int>(), Is.EqualTo(new[] { 1, 0, 1 }));
        Assert.That(x.ArgMax(0).ToArray<int>(), Is.EqualTo(new[] { 2, 2, 2, 2 }));
        Assert.That(x.ArgMax(0).RequiresGrad, Is.False);
        var row = new float[300];
        row[77] = row[201] = 4;
        Assert.That(Tensor.From(row, [300], TestDevices.Get(device)).ArgMax().Item(), Is.EqualTo(77));
        row[130] = row[140] = nan;
        Assert.That(Tensor.From(row, [300], TestDevices.Get(device)).ArgMax().Item(), Is.EqualTo(130));
    }

    [Test]
    public void Reductions_OfNothing_AreRefusedByName()
    {
        var x = Tensor.Zeros([3, 0]);
        Assert.That(x.Sum(1).ToArray(), Is.EqualTo(new float[3]));
        Assert.That(() => x.Mean(1), Throws.TypeOf<ShapeException>().With.Message.Contains("Mean"));
        Assert.That(() => x.ArgMax(1), Throws.TypeOf<ShapeException>().With.Message.Contains("ArgMax"));
        Assert.That(() => x.Max(1), Throws.TypeOf<ShapeException>().With.Message.Contains("Max"));
        Assert.That(() => x.LogSumExp(1), Throws.TypeOf<ShapeException>().With.Message.Contains("LogSumExp"));
        Assert.That(() => Tensor.Zeros([3, 1]).Variance(1), Throws.TypeOf<ShapeException>().With.Message.Contains("made of 1 numbers, and it takes 2"));
        Assert.That(() => x.MeanSquaredError(x), Throws.TypeOf<ShapeException>().With.Message.Contains("no numbers"));
        Assert.That(() => Tensor.Zeros([3, 1]).MeanSquaredError(Tensor.Zeros([3])), Throws.TypeOf<ShapeException>());
        Assert.That(x.Mean(0).Shape, Is.EqualTo(new Shape(0)));
        Assert.That(() => x.Sum(0, -2), Throws.TypeOf<ShapeException>().With.Message.Contains("twice"));
        Assert.That(() => x.Sum(2), Throws.TypeOf<ShapeException>());
    }

    [TestCaseSource(nameof(Devices))]
    public void Variance_FarFromZero_LosesNothing(string name)
    {
        // 10000 + {0, 1}: the squares alone would lose the variance, 1/4, in 24 bits.
        var numbers = new float[300];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = 10000 + i % 2;
        var x = Tensor.From(numbers, [300], TestDevices.Get(name));
        Assert.That(x.Variance([], false, correction: 0).Item(), Is.EqualTo(0.25).Within(1e-5));
        Assert.That(x.Reshape(150, 2).Variance(0).ToArray(), Is.EqualTo(new float[2]).Within(1e-9));
    }

    [TestCaseSource(nameof(Devices))]
    public void LogSumExp_OfHugeAndInfiniteNumbers_IsExact(string name)
    {
        float inf = float.PositiveInfinity;
        var x = Tensor.From([1000, 1000, -inf, -inf, inf, 0, -inf, 3, float.NaN, 1], [5, 2], TestDevices.Get(name));
        var wide = x.Reshape(5, 1, 2).BroadcastTo([5, 64, 2]);
        Assert.That(x.LogSumExp(1).ToArray(), Is.EqualTo(new[] { 1000 + MathF.Log(2), -inf, inf, 3, float.NaN }).Within(1e-4));
        Assert.That(wide.LogSumExp(1, 2).ToArray(), Is.EqualTo(new[] { 1000 + MathF.Log(128), -inf, inf, 3 + MathF.Log(64), float.NaN }).Within(1e-4));
        Assert.That(wide.LogSumExp(1)[0].ToArray(), Is.EqualTo(new[] { 1000 + MathF.Log(64), 1000 + MathF.Log(64) }).Within(1e-4));
    }

    [TestCaseSource(nameof(Devices))]
    public void MaxAndMin_PassNaNOn_AndShareTheGradientAmongEquals(string name)
    {
        float nan = float.NaN, inf = float.PositiveInfinity;
        var x = Tensor.From([3, 5, 5, 1, nan, 7, -inf, -inf, -inf], [3, 3], TestDevices.Get(name)).WithGrad();
        Assert.That(x.Max(1).ToArray(), Is.EqualTo(new[] { 5, nan, -inf }));
        Assert.That(x.Min(1).ToArray(), Is.EqualTo(new[] { 3, nan, -inf }));
        var wide = x.Detach().Reshape(3, 1, 3).BroadcastTo([3, 70, 3]);
        Assert.That(wide.Max(1, 2).ToArray(), Is.EqualTo(new[] { 5, nan, -inf }));
        Assert.That(wide.Min(1)[1].ToArray(), Is.EqualTo(new[] { 1, nan, 7 }));
        x[0..1].Max().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 0, 0.5f, 0.5f, 0, 0, 0, 0, 0, 0 }));
    }
}
