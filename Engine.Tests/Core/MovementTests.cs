using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>What the cases cannot say: memory shared or not, and mistakes by name.</summary>
public class MovementTests
{
    private static readonly Tensor X = Tensor.Arange(12).Reshape(3, 4);

    [Test]
    public void AShapesLastAxis_IsCountedFromItsRank()
    {
        var shape = new Shape(4, 5, 6);
        Assert.That((shape[^1], shape[^3], shape[-1], shape[1]), Is.EqualTo((6, 4, 6, 5)));
        Assert.That(() => shape[^4], Throws.TypeOf<ShapeException>());
        Assert.That(() => shape[^0], Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void SlicesOfTheLeadingAxis_ShareMemory()
    {
        Assert.That(X[1..].Storage, Is.SameAs(X.Storage));
        Assert.That(X[^1].Storage, Is.SameAs(X.Storage));
        Assert.That(X[1, 1..3].Storage, Is.SameAs(X.Storage));
        Assert.That(X.Split(0, 1, 2)[1].Storage, Is.SameAs(X.Storage));
        Assert.That(X[.., 1..].Storage, Is.Not.SameAs(X.Storage));
        Assert.That(X.Clone().Storage, Is.Not.SameAs(X.Storage));
    }

    [Test]
    public void Indexer_ReadsLikeCSharp()
    {
        Assert.That(X[1].ToArray(), Is.EqualTo(new[] { 4f, 5, 6, 7 }));
        Assert.That(X[^1, 0].Item(), Is.EqualTo(8));
        Assert.That(X[.., 1..^1].ToArray(), Is.EqualTo(new[] { 1f, 2, 5, 6, 9, 10 }));
        Assert.That(X[..2, ^2..].ToArray(), Is.EqualTo(new[] { 2f, 3, 6, 7 }));
        int i = 2;
        Assert.That(X[i, i..].ToArray(), Is.EqualTo(new[] { 10f, 11 }));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        Assert.That(() => X[3], Throws.TypeOf<IndexException>().With.Message.EqualTo("[3] does not lie within axis 0 of (3, 4), which has 3."));
        Assert.That(() => X[.., 2..5], Throws.TypeOf<IndexException>().With.Message.Contains("[2..5] does not lie within axis 1"));
        Assert.That(() => X[-1], Throws.TypeOf<IndexException>().With.Message.Contains("^1"));
        Assert.That(() => X[^4], Throws.TypeOf<IndexException>());
        Assert.That(() => X[0, 0, 0], Throws.TypeOf<ShapeException>().With.Message.Contains("3 indices"));
        Assert.That(() => X.Permute(0), Throws.TypeOf<ShapeException>());
        Assert.That(() => X.Permute(0, 0), Throws.TypeOf<ShapeException>());
        Assert.That(() => X.Transpose(0, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("no axis 2"));
        Assert.That(() => X.BroadcastTo([4]), Throws.TypeOf<ShapeException>());
        Assert.That(() => X.BroadcastTo([3, 5]), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Concat([]), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Concat([X, Tensor.Ones([3, 5])]), Throws.TypeOf<ShapeException>().With.Message.Contains("input 1, (3, 5)"));
        Assert.That(() => Tensor.Concat([X, Tensor.Ones([3, 4], dtype: DType.Int32)]), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
        Assert.That(() => X.Split(1, 1, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("do not add up"));
        Assert.That(() => X.Split(1, -1, 5), Throws.TypeOf<ShapeException>());
        Assert.That(() => X.Narrow(0, 2, 2), Throws.TypeOf<IndexException>());
        Assert.That(() => X.Squeeze(0), Throws.TypeOf<ShapeException>().With.Message.Contains("size 3"));
        Assert.That(() => X.Unsqueeze(3), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void StridedCopy_RefusesAWalkThatLeavesItsView()
    {
        View x = X.View, y = Tensor.Zeros([4]).View;
        foreach (var (from, to) in new[] { (4, 1), (1, 2), (-1, 1) })
            Assert.That(() => Device.Cpu.StridedCopy(x, y, CopySizes.Merge([4], [from], [to])), Throws.ArgumentException.With.Message.Contains("does not stay within"));
    }

    [Test]
    public void Transpose_OfThreads_GivesTheSame()
    {
        foreach (int threads in new[] { 1, 2, 3 })
        {
            var x = Tensor.Arange(300 * 301, new CpuDevice(threads)).Reshape(300, 301);
            var y = x.Transpose().ToArray();
            for (int i = 0; i < y.Length; i++)
                if (y[i] != i % 300 * 301 + i / 300) Assert.Fail($"{i} on {threads}");
        }
    }
}
