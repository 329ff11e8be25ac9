using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class PositionTests
{
    [Test]
    public void SinusoidalPositions_AreVaswanisFormula()
    {
        var table = Tensor.SinusoidalPositions(3, 4, TestDevices.Reference).ToArray<double>();
        Assert.That(table, Is.EqualTo(new[] { 0, 1, 0, 1, Math.Sin(1), Math.Cos(1), Math.Sin(0.01), Math.Cos(0.01), Math.Sin(2), Math.Cos(2), Math.Sin(0.02), Math.Cos(0.02) }).Within(1e-12));
        Assert.That(Tensor.SinusoidalPositions(2, 5, first: 7).ToArray(), Is.EqualTo(Tensor.SinusoidalPositions(9, 5)[7..].ToArray()));
        Assert.That(Tensor.SinusoidalPositions(0, 4).Shape, Is.EqualTo(new Shape(0, 4)));
        Assert.That(() => Tensor.SinusoidalPositions(-1, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Tensor.SinusoidalPositions(1, 4, first: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Rotary_TurnsPairs_AsComplexNumbers()
    {
        var x = Tensor.From([1.0, 2, 3, 4], [1, 4], TestDevices.Reference);
        // Position 5: angles 5 and 5/100.
        (double s0, double c0) = Math.SinCos(5);
        (double s1, double c1) = Math.SinCos(0.05);
        Assert.That(x.Rotary(1, 5).ToArray<double>(), Is.EqualTo(new[] { c0 - 3 * s0, 2 * c1 - 4 * s1, 3 * c0 + s0, 4 * c1 + 2 * s1 }).Within(1e-12));
        Assert.That(x.Rotary(1, 5, halves: false).ToArray<double>(), Is.EqualTo(new[] { c0 - 2 * s0, 2 * c0 + s0, 3 * c1 - 4 * s1, 4 * c1 + 3 * s1 }).Within(1e-12));
        Assert.That(x.Rotary(1).ToArray<double>(), Is.EqualTo(x.ToArray<double>()));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Rotary_ProductsDependOnTheDistanceAlone(bool halves)
    {
        Tensor q = Tensor.Normal([1, 64], new Rng(1)), k = Tensor.Normal([1, 64], new Rng(2));
        double Product(int i, int j) => (q.Rotary(1, i, halves: halves) * k.Rotary(1, j, halves: halves)).Sum().Item();
        Assert.That(Product(8003, 8000), Is.EqualTo(Product(3, 0)).Within(1e-4));
        Assert.That(Product(103, 100), Is.Not.EqualTo(Product(100, 100)).Within(1e-2));
    }

    [Test]
    public void Rotary_StepByStep_IsTheWholeSequences()
    {
        var x = Tensor.Normal([2, 6, 24], new Rng(1));
        var table = Tensor.RotaryTable(6, 8);
        float[] whole = x.Rotary(3).ToArray();
        Assert.That(x.Rotary(3, table).ToArray(), Is.EqualTo(whole));
        var steps = Enumerable.Range(0, 6).Select(t => x[.., t..(t + 1)].Rotary(3, table, t)).ToArray();
        Assert.That(Tensor.Concat(steps, 1).ToArray(), Is.EqualTo(whole));
    }

    [Test]
    public void Rotary_RefusesWhatDoesNotFit()
    {
        var x = Tensor.Zeros([2, 6, 24]);
        Assert.That(() => x.Rotary(5), Throws.TypeOf<ShapeException>().With.Message.Contains("H = 5"));
        Assert.That(() => x.Rotary(8), Throws.TypeOf<ShapeException>().With.Message.Contains("pairs"));
        Assert.That(() => x.Rotary(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Rotary(2, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Rotary(2, baseFrequency: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Rotary(2, Tensor.RotaryTable(9, 8)), Throws.TypeOf<ShapeException>().With.Message.Contains("(P, 12)"));
        Assert.That(() => x.Rotary(2, Tensor.RotaryTable(9, 12), 4), Throws.TypeOf<ShapeException>().With.Message.Contains("past the table's 9 positions"));
        Assert.That(() => Tensor.Zeros([4]).Rotary(1), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.From([1, 2], [1, 2]).Rotary(1), Throws.TypeOf<DTypeException>());
    }
}
