using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class CtcAccuracyTests
{
    [TestCase("", "", 0)]
    [TestCase("", "ab", 2)]
    [TestCase("abc", "", 3)]
    [TestCase("kitten", "sitting", 3)]
    [TestCase("intention", "execution", 5)]
    [TestCase("abc", "abc", 0)]
    [TestCase("ab", "ba", 2)]
    public void Distance_IsTheLeastNumberOfEdits(string a, string b, int edits)
    {
        int[] x = [.. a.Select(c => (int)c)], y = [.. b.Select(c => (int)c)];
        Assert.That(EditDistance.Between(x, y), Is.EqualTo(edits));
        Assert.That(EditDistance.Between(y, x), Is.EqualTo(edits));
    }

    [Test]
    public void Accuracy_CountsEditsOverLabels_AcrossBatches()
    {
        var metric = new CtcAccuracy();
        Assert.That(metric.Value, Is.NaN);
        // Reads 1 2, of 1 2 3: one left out. Then 2 of 2.
        metric.Add(Paths([0, 1, 1, 2]), Tensor.From([1, 2, 3], [1, 3]));
        metric.Add(Paths([0, 2, 2, 0]), Tensor.From([2, 0, 0], [1, 3]));
        Assert.That(metric.Value, Is.EqualTo(1 - 1 / 4.0).Within(1e-12));
        var other = new CtcAccuracy { State = metric.State };
        Assert.That(other.Value, Is.EqualTo(metric.Value));
        other.Reset();
        other.Add(Paths([1, 2, 1, 2]), Tensor.From([3, -1], [1, 2]));
        Assert.That(other.Value, Is.EqualTo(-3));
        Assert.That(() => metric.Add(Paths([1]), Tensor.From([3, 1], [2])), Throws.TypeOf<ShapeException>());
    }

    /// <summary>Logits of one example, whose classes these are.</summary>
    private static Tensor Paths(params int[] path) => Tensor.From(path, [1, path.Length]).OneHot(4).Cast(Engine.Kernels.DType.Float32);
}
