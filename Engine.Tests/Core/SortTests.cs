using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class SortTests(string name)
{
    private readonly Device device = TestDevices.Get(name);

    private Tensor Floats(params float[] values) => Tensor.From(values, [values.Length], device);

    [Test]
    public void Sort_PutsNaNAboveInfinity_AndKeepsTheOrderOfEqualNumbers()
    {
        float nan = float.NaN, inf = float.PositiveInfinity;
        var (values, indices) = Floats(nan, 1, -inf, 0, inf, -0f, -nan, 1).Sort();
        Assert.That(indices.ToArray<int>(), Is.EqualTo(new[] { 2, 3, 5, 1, 7, 4, 0, 6 }));
        Assert.That(values.ToArray(), Is.EqualTo(new[] { -inf, 0, -0f, 1, 1, inf, nan, nan }));
        Assert.That(Floats(nan, 1, -inf, 0, inf, -0f, -nan, 1).ArgSort(descending: true).ToArray<int>(), Is.EqualTo(new[] { 0, 6, 4, 1, 7, 3, 5, 2 }));
    }

    [Test]
    public void TopK_PassesTheGradientToWhatItTook()
    {
        var x = Floats(3, 1, float.NaN, 4, 1).WithGrad();
        var (values, indices) = x.TopK(2);
        Assert.That(values.ToArray(), Is.EqualTo(new[] { float.NaN, 4 }));
        Assert.That(indices.ToArray<int>(), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(indices.RequiresGrad, Is.False);
        values.Backward(Floats(5, 6));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 0, 5, 6, 0 }));
        Assert.That(x.TopK(2, largest: false).Indices.ToArray<int>(), Is.EqualTo(new[] { 1, 4 }));
    }

    [Test]
    public void Sort_OfBadArguments_SaysWhich()
    {
        var x = Tensor.Ones([2, 3], device);
        Assert.That(() => x.Sort(2), Throws.TypeOf<ShapeException>().With.Message.Contains("no axis 2"));
        Assert.That(() => x.TopK(4), Throws.TypeOf<ShapeException>().With.Message.Contains("TopK: k is 4, and axis 1 of (2, 3) has 3 numbers"));
        Assert.That(() => x.TopK(-1), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.Cast(DType.Int32).ArgSort(), Throws.TypeOf<DTypeException>().With.Message.Contains("ArgSort").And.Message.Contains("Int32"));
    }
}
