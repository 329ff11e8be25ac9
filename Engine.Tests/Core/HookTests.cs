using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class HookTests
{
    private static Tensor Leaf(params float[] values) => Tensor.From(values, [values.Length]).WithGrad();

    [Test]
    public void Hooks_SeeTheWholeGradient_OnLeavesAndInside()
    {
        var x = Leaf(2);
        var inner = x * Tensor.Scalar(3);
        var seen = new List<(string, double)>();
        x.RegisterHook(g => Note("leaf", g));
        inner.RegisterHook(g => Note("inner", g));
        (inner * inner + inner).Sum().Backward();
        Assert.That(seen, Is.EqualTo(new[] { ("inner", 13.0), ("leaf", 39.0) }));

        Tensor? Note(string where, Tensor g)
        {
            seen.Add((where, g.Item()));
            return null;
        }
    }

    [Test]
    public void Hooks_ReplaceTheGradient_OneAfterAnother()
    {
        var x = Leaf(2);
        var inner = x * Tensor.Scalar(3);
        inner.RegisterHook(g => g * Tensor.Scalar(10));
        inner.RegisterHook(g => g + Tensor.Scalar(1));
        inner.Sum().Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(33));
    }

    [Test]
    public void Hooks_GradientKept_IsUsableAfterwards()
    {
        var x = Leaf(2, 3);
        var inner = x * x;
        Tensor? kept = null, replaced = null;
        inner.RegisterHook(g =>
        {
            kept = g;
            return replaced = g * Tensor.Scalar(2);
        });
        (inner * inner).Sum().Backward();
        for (int i = 0; i < 10; i++) Tensor.Zeros([2]);             // what was given back would be written over
        Assert.That(kept!.ToArray(), Is.EqualTo(new[] { 8f, 18f }));
        Assert.That(replaced!.ToArray(), Is.EqualTo(new[] { 16f, 36f }));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 64f, 216f }));
    }

    [Test]
    public void Hooks_BadGradient_IsRefused()
    {
        var x = Leaf(2, 3);
        x.RegisterHook(_ => Tensor.Ones([3]));
        Assert.That(() => x.Sum().Backward(), Throws.TypeOf<ShapeException>().With.Message.Contains("(3)").And.Message.Contains("(2)"));
        Assert.That(() => Tensor.Ones([1]).RegisterHook(g => g), Throws.TypeOf<GraphException>());
    }

    [Test]
    public void GradientReady_FiresOnce_WhenTheGradientIsComplete()
    {
        Tensor x = Leaf(2), w = Leaf(5);
        var ready = new List<(string, double)>();
        x.GradientReady = t => ready.Add(("x", t.Grad!.Item()));
        w.GradientReady = t => ready.Add(("w", t.Grad!.Item()));
        // w is used at the very end of the forward pass, so it is complete first; x is used three times.
        ((x * x + x) * w).Sum().Backward();
        Assert.That(ready, Is.EqualTo(new[] { ("w", 6.0), ("x", 25.0) }));
    }
}
