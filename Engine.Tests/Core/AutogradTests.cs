using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class AutogradTests
{
    private static Tensor Leaf(params float[] values) => Tensor.From(values, [values.Length]).WithGrad();

    [Test]
    public void Backward_OfADiamond_SumsBothWays()
    {
        // y = a + b with a = x², b = 3x: dy/dx = 2x + 3.
        var x = Leaf(2, -1);
        var a = x * x;
        var b = x * Tensor.Scalar(3);
        (a + b).Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 7f, 1f }));
    }

    [Test]
    public void Backward_OfNestedDiamonds_VisitsEachOpOnce()
    {
        // 2³⁰ paths: only a walk that visits each op once ends.
        var x = Leaf(1);
        var y = x;
        for (int i = 0; i < 30; i++) y = (y + y) * Tensor.Scalar(0.5);
        y.Sum().Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(1));
    }

    [Test]
    public void Backward_OfATensorUsedTwiceByOneOp()
    {
        var x = Leaf(3, -2);
        (x * x).Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 6f, -4f }));
        x = Leaf(3, -2);
        (x + x).Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 2f, 2f }));
        // Three slices of one gradient: the first two are summed while the third still waits.
        Tensor y = Leaf(1, 2), z = Leaf(3, 4);
        (Tensor.Concat([y, y, z]) * Tensor.From([1f, 2, 3, 4, 5, 6], [6])).Sum().Backward();
        Assert.That(y.Grad!.ToArray(), Is.EqualTo(new[] { 4f, 6f }));
        Assert.That(z.Grad!.ToArray(), Is.EqualTo(new[] { 5f, 6f }));
    }

    [Test]
    public void Backward_Twice_Accumulates()
    {
        var x = Leaf(3);
        (x * x).Sum().Backward();
        var first = x.Grad!;
        (x * Tensor.Scalar(10)).Sum().Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(16));
        Assert.That(first.Item(), Is.EqualTo(6), "a gradient held by somebody does not change under him");
    }

    [Test]
    public void Backward_OfALeaf_IsTheSeed()
    {
        var x = Leaf(3);
        x.Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(1));
        var seed = Tensor.From([5f, 6f], [2]);
        var y = Leaf(1, 2);
        y.Backward(seed);
        Assert.That(y.Grad!.ToArray(), Is.EqualTo(new[] { 5f, 6f }));
        Assert.That(y.Grad!.Storage, Is.Not.SameAs(seed.Storage), "a gradient has memory of its own: clipping it in place changes nothing else");
    }

    [Test]
    public void Backward_GivesEachLeafAGradientOfItsOwn()
    {
        Tensor a = Leaf(1, 2), b = Leaf(3, 4);
        (a + b).Sum().Backward();
        InPlace.Lerp(a.Grad!, Tensor.Zeros([2]), 1);
        Assert.That(b.Grad!.ToArray(), Is.EqualTo(new[] { 1f, 1f }));
    }

    [Test]
    public void Gradients_LeavesGradAlone_AndGivesInnerOnes()
    {
        Tensor x = Leaf(3), unused = Leaf(1, 2);
        var inner = x * x;
        var loss = (inner * Tensor.Scalar(5)).Sum();
        var gradients = Autograd.Gradients(loss, [x, inner, unused]);
        Assert.That(gradients[0].Item(), Is.EqualTo(30));
        Assert.That(gradients[1].Item(), Is.EqualTo(5));
        Assert.That(gradients[2].ToArray(), Is.EqualTo(new[] { 0f, 0f }));
        Assert.That(x.Grad, Is.Null);
        Assert.That(() => Autograd.Gradients(x.Sum(), [Tensor.Ones([1])]), Throws.TypeOf<GraphException>().With.Message.Contains("does not require a gradient"));
    }

    [Test]
    public void RetainGraph_LetsBackwardRunAgain()
    {
        var x = Leaf(3);
        var loss = (x * x).Sum();
        loss.Backward(retainGraph: true);
        loss.Backward(retainGraph: true);
        loss.Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(18));
        Assert.That(() => loss.Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("used up").And.Message.Contains("retainGraph"));
    }

    [Test]
    public void Backward_ThroughAPartUsedUp_Throws()
    {
        var x = Leaf(3);
        var shared = x * x;
        shared.Sum().Backward();
        Assert.That(() => (shared * Tensor.Scalar(2)).Sum().Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("Multiply (1) was used up"));
    }

    [Test]
    public void Backward_WithoutAGraph_Throws()
    {
        var x = Leaf(3);
        Assert.That(() => Tensor.Ones([1]).Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("has no graph"));
        Assert.That(() => x.Detach().Sum().Backward(), Throws.TypeOf<GraphException>());
        Tensor y;
        using (NoGrad.Begin()) y = x * x;
        Assert.That(y.RequiresGrad, Is.False);
        Assert.That(y.Creator, Is.Null);
        Assert.That(() => y.Backward(), Throws.TypeOf<GraphException>());
    }

    [Test]
    public void Backward_OfManyNumbers_NeedsAGradient()
    {
        var x = Leaf(3, 4);
        Assert.That(() => (x * x).Backward(), Throws.TypeOf<ShapeException>().With.Message.Contains("has 2"));
        Assert.That(() => (x * x).Backward(Tensor.Ones([3])), Throws.TypeOf<ShapeException>().With.Message.Contains("(3) and the tensor (2)"));
        Assert.That(() => (x * x).Backward(Tensor.Ones([2], TestDevices.Reference)), Throws.TypeOf<DeviceException>());
        (x * x).Backward(Tensor.From([1f, 10f], [2]));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 6f, 80f }));
    }

    [Test]
    public void Detach_StopsTheGradient_AndSharesMemory()
    {
        var x = Leaf(3);
        var y = x * x;
        (y.Detach() * x).Sum().Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(9));
        Assert.That(y.Detach().Storage, Is.SameAs(y.Storage));
        Assert.That(() => y.WithGrad(), Throws.TypeOf<GraphException>().With.Message.Contains("Detach"));
    }

    [Test]
    public void Backward_InsideNoGrad_AndOfGradients_Throws()
    {
        var x = Leaf(3);
        var loss = (x * x).Sum();
        using (NoGrad.Begin())
            Assert.That(() => loss.Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("inside NoGrad"));
        x.RegisterHook(g =>
        {
            Assert.That(() => (x * x).Sum().Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("inside another backward pass"));
            return null;
        });
        var gradient = Autograd.Gradients(loss, [x])[0];
        Assert.That(() => gradient.Sum().Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("Gradients of gradients are not offered"));
        Assert.That(NoGrad.Recording);
    }

    [Test]
    public void Backward_ThatThrows_LeavesTheThreadAsItWas()
    {
        var x = Leaf(3);
        x.RegisterHook(_ => throw new InvalidOperationException("mine"));
        Assert.That(() => (x * x).Sum().Backward(), Throws.InvalidOperationException.With.Message.EqualTo("mine"));
        Assert.That(NoGrad.Recording);
        using (Device.Cpu.Scope()) Tensor.Ones([1]);                // a scope left open would end out of order
        Assert.That(x.Grad, Is.Null);
    }

    [Test]
    public void Backward_OfAValueChangedInPlace_NamesIt()
    {
        var x = Leaf(3);
        x.Name = "fc.weight";
        var loss = (x * x).Sum();
        InPlace.Sgd(x, Tensor.Ones([1]), null, 0.1);
        Assert.That(() => loss.Backward(), Throws.TypeOf<GraphException>().With.Message.EqualTo(
            "Multiply saved (1) 'fc.weight' for its backward pass, and it was changed in place since. Call Backward before the optimizer's step or the load that changed it."));
        var sum = (x + x).Sum();                                    // an addition saves nothing
        InPlace.Sgd(x, Tensor.Ones([1]), null, 0.1);
        sum.Backward();
        Assert.That(x.Grad!.Item(), Is.EqualTo(2));
    }

    [Test]
    public void IntegerResults_HaveNoGraph()
    {
        var y = Leaf(3, 5).ArgMax();
        Assert.That(y.RequiresGrad, Is.False);
        Assert.That(y.Creator, Is.Null);
    }

    [Test]
    public void AChainOfTenThousandOps_TakesNoStack()
    {
        var x = Leaf(1);
        Thread thread = new(() =>
        {
            var y = x;
            for (int i = 0; i < 10_000; i++) y = y + x;
            y.Sum().Backward();
        }, maxStackSize: 256 << 10);
        var clock = Stopwatch.StartNew();
        thread.Start();
        thread.Join();
        Assert.That(x.Grad!.Item(), Is.EqualTo(10_001));
        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(5));
        TestContext.Out.WriteLine($"{clock.Elapsed.TotalMilliseconds:F0} ms");
    }

    [Test]
    public void TwoThreads_WithGraphsOfTheirOwn_BothCount()
    {
        var x = Tensor.Ones([100]).WithGrad();
        const int each = 200;
        Parallel.For(0, 2, _ =>
        {
            for (int i = 0; i < each; i++) (x * x).Sum().Backward();
        });
        Assert.That(x.Grad!.ToArray(), Is.All.EqualTo(2f * 2 * each));
    }
}
