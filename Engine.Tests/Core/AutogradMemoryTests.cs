using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>What a backward pass takes, it gives back when it returns, without waiting for the garbage collector. Each test has a device of its own,
/// as a collection in one gives back what the tests before it left.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class AutogradMemoryTests
{
    private const int Count = 1 << 14;
    private const long Block = 4 * Count;

    private readonly CpuDevice device = new(1);

    private Tensor Leaf() => Tensor.Ones([Count], device).WithGrad();

    [Test]
    public void Backward_GivesBackAllButTheGradients()
    {
        Tensor x = Leaf(), w = Leaf();
        var a = x * w;
        var loss = (a * a + a * x + Tensor.Concat([a, x, a])[Count..^Count] + a.Reshape(2, -1).Transpose().Flatten()).Sum();
        long before = device.BytesInUse;
        loss.Backward();
        Assert.That(device.BytesInUse - before, Is.EqualTo(2 * Block));
        Assert.That(x.Grad!.ToArray(), Is.All.EqualTo(6f));
        GC.KeepAlive(loss);
    }

    [Test]
    public void Backward_OfManyBranches_HoldsFewGradientsAtOnce()
    {
        var x = Leaf();
        var sum = x * x;
        for (int i = 0; i < 50; i++) sum = sum + x * x;
        var loss = sum.Sum();
        long reserved = device.BytesReserved;
        loss.Backward();
        Assert.That(device.BytesReserved - reserved, Is.LessThanOrEqualTo(6 * Block));
    }

    [Test]
    public void Backward_ThatThrows_GivesBackWhatItTook()
    {
        var x = Leaf();
        var inner = x * x;
        var loss = (inner * inner).Sum();
        x.RegisterHook(_ => throw new InvalidOperationException());
        long before = device.BytesInUse;
        Assert.That(() => loss.Backward(), Throws.InvalidOperationException);
        Assert.That(device.BytesInUse - before, Is.LessThanOrEqualTo(Block), "but for the gradient that the hook was shown");
    }

    [Test]
    public void Backward_GivesBackWhatAnOpSavedOfItsOwn()
    {
        var x = Leaf();
        long before = device.BytesInUse;
        var y = Op.Apply(new Hoarder(), x);
        Assert.That(device.BytesInUse - before, Is.EqualTo(2 * Block));
        y.Backward(x);
        Assert.That(device.BytesInUse - before, Is.EqualTo(2 * Block), "y and the gradient");
    }

    [Test]
    public void Forward_UnrecordedGivesBackWhatAnOpSavedOfItsOwn()
    {
        var x = Tensor.Ones([Count], device);
        long before = device.BytesInUse;
        var y = Op.Apply(new Hoarder(), x);
        Assert.That(device.BytesInUse - before, Is.EqualTo(Block));
        GC.KeepAlive(y);
    }

    [Test]
    public void ForwardScope_GivesBackAtOnceWhatNobodySaved_AndTheRestAsBackwardPasses()
    {
        Tensor x = Leaf(), forgotten, saved, y;
        long before = device.BytesInUse;
        using (device.Scope("the step"))
        {
            using (var scope = device.ForwardScope("the block"))
            {
                forgotten = x + x;
                saved = forgotten + x;
                y = scope.Keep(saved * saved);
            }
            Assert.That(device.BytesInUse - before, Is.EqualTo(2 * Block), "what the product saved, and the result");
            Assert.That(() => forgotten.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the block"));
            Assert.That(saved.ToArray(), Is.All.EqualTo(3f));
            y.Backward(Tensor.Ones(y.Shape, device));
            Assert.That(() => saved.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the backward pass"));
            Assert.That(y.ToArray(), Is.All.EqualTo(9f));
        }
        Assert.That(x.Grad!.ToArray(), Is.All.EqualTo(18f));
        Assert.That(device.BytesInUse - before, Is.EqualTo(Block), "the gradient");
        Assert.That(() => y.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the step"));
    }

    [Test]
    public void ForwardScope_OfAGraphThatIsNeverWalked_LeavesItToTheScopeAround()
    {
        var x = Leaf();
        long before = device.BytesInUse;
        using (device.Scope())
        {
            Tensor y;
            using (var outer = device.ForwardScope())
            using (var inner = device.ForwardScope())
            {
                var a = x + x;
                y = outer.Keep(inner.Keep(a * a));
            }
            Assert.That(device.BytesInUse - before, Is.EqualTo(2 * Block));
            GC.KeepAlive(y);
        }
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void ForwardScope_LeavesWhatAnOpSavedOfItsOwn_AndWhatViewsSee_ForAsManyPassesAsAreAskedFor()
    {
        var x = Leaf();
        Tensor loss;
        using (var scope = device.ForwardScope())
        {
            var twice = x + x;
            loss = scope.Keep((Op.Apply(new Hoarder(), twice.Reshape(2, -1)) * 1.5).Sum());
        }
        float[] first = Gradient(), second = Gradient();
        Assert.That(first, Is.All.EqualTo(12f));                    // 1.5 · (2x)², whose derivative is 12x
        Assert.That(second, Is.EqualTo(first));

        float[] Gradient() => Autograd.Gradients(loss, [x], retainGraph: true)[0].ToArray();
    }

    [Test]
    public void ForwardScope_LetsAnOpReturnWhatItSavedAsAGradient()
    {
        var x = Leaf();
        using (device.Scope())
        {
            Tensor y;
            using (var scope = device.ForwardScope()) y = scope.Keep(Op.Apply(new Own(), x + x, x * 3));
            y.Backward(Tensor.Ones(y.Shape, device));
        }
        Assert.That(x.Grad!.ToArray(), Is.All.EqualTo(3 * 2 + 2 * 3f));
    }

    [Test]
    public void ForwardScope_WithoutAGraph_GivesBackAllButWhatIsKept()
    {
        var x = Tensor.Ones([Count], device);
        long before = device.BytesInUse;
        using (var scope = device.ForwardScope()) scope.Keep(Op.Apply(new Hoarder(), x * x) + x);
        Assert.That(device.BytesInUse - before, Is.EqualTo(Block));
    }

    /// <summary>y = a·b for the gradient 1 alone: what it saved is the gradient itself.</summary>
    private sealed class Own : Op
    {
        public override string Name => "Own";

        public override Tensor Forward()
        {
            Save(Input(0));
            Save(Input(1));
            return Input(0) * Input(1);
        }

        public override Tensor?[] Backward(Tensor dy) => [Saved(1), Saved(0)];
    }

    /// <summary>y = x², and keeps 2x for its backward.</summary>
    private sealed class Hoarder : Op
    {
        public override string Name => "Hoarder";

        public override Tensor Forward()
        {
            var x = Input(0);
            Save(x + x, owned: true);
            return x * x;
        }

        public override Tensor?[] Backward(Tensor dy) => [dy * Saved(0)];
    }

    [Test]
    public void Gradients_OutliveTheScopeThatTheyWereMadeIn()
    {
        Tensor x = Leaf(), inner;
        using (var scope = device.Scope("the step"))
        {
            inner = x * x;
            inner.Sum().Backward();
            inner.Sum();
        }
        Assert.That(x.Grad!.ToArray(), Is.All.EqualTo(2f));
        Assert.That(() => inner.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the step"));
    }

    [Test]
    public void Gradients_AskedFor_OutliveTheBackwardPass_AndBelongToTheScopeAroundIt()
    {
        Tensor x = Leaf(), gradient;
        long before;
        using (device.Scope("the step"))
        {
            before = device.BytesInUse;
            gradient = Autograd.Gradients((x * x).Sum(), [x])[0];
            Assert.That(gradient.ToArray(), Is.All.EqualTo(2f));
        }
        Assert.That(() => gradient.ToArray(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void ATrainingLoopInScopes_StaysFlat()
    {
        var w = Leaf();
        long most = 0;
        for (int step = 0; step < 20; step++)
        {
            using (device.Scope("the step"))
            {
                (w * w).Sum().Backward();
                InPlace.Sgd(w, w.Grad!, null, 0.01);
                w.Grad = null;
            }
            if (step == 3) most = device.BytesReserved;
        }
        // Each step's gradient outlives its scope until a collection; nothing else does.
        Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(most + 16 * Block));
    }
}
