using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class OptimizerTests
{
    /// <summary>The formulas of PyTorch's documentation by hand: w = 1, gradients 0.5 and then −0.25.</summary>
    public static IEnumerable<TestCaseData> TwoSteps()
    {
        yield return Case("Sgd", p => new Sgd(p, 0.1), 0.95, 0.975);
        yield return Case("Sgd, momentum", p => new Sgd(p, 0.1, momentum: 0.9), 0.95, 0.93);
        yield return Case("Sgd, Nesterov", p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true), 0.905, 0.912);
        yield return Case("Sgd, momentum, decay", p => new Sgd(p, 0.1, momentum: 0.9, weightDecay: 0.1), 0.94, 0.9016);
        yield return Case("RmsProp", p => new RmsProp(p, 0.01), 0.90000002, 0.9449013374);
        yield return Case("RmsProp, decay", p => new RmsProp(p, 0.01, weightDecay: 0.1), 0.9000000167, 0.9258874043);
        yield return Case("Adam", p => new Adam(p, 0.1), 0.900000002, 0.8733662987);
        yield return Case("Adam, decay", p => new Adam(p, 0.1, weightDecay: 0.1), 0.900000002, 0.8544413675);

        static TestCaseData Case(string name, Func<IEnumerable<Parameter>, Optimizer> make, double first, double second)
            => new TestCaseData(make, first, second).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(TwoSteps))]
    public void Step_IsTheFormula(Func<IEnumerable<Parameter>, Optimizer> make, double first, double second)
    {
        foreach (string device in TestDevices.Names)
        {
            var weight = new Parameter("w", Tensor.Full([17], 1, TestDevices.Get(device)));
            var optimizer = make([weight]);
            foreach (var (gradient, expected) in new[] { (0.5, first), (-0.25, second) })
            {
                optimizer.ZeroGrad();
                (weight.Value * gradient).Sum().Backward();
                optimizer.Step();
                Assert.That(weight.Value.ToArray<double>(), Is.All.EqualTo(expected).Within(device == "reference" ? 1e-9 : 2e-7), device);
            }
            Assert.That(optimizer.StepCount, Is.EqualTo(2));
        }
    }

    [Test]
    public void Step_PassesByWhatIsFrozenOrHasNoGradient()
    {
        Parameter a = new("a", Tensor.Ones([1])), b = new("b", Tensor.Ones([1])), c = new("c", Tensor.Ones([1]));
        var optimizer = new Sgd([a, b, c], 1);
        (a.Value + b.Value).Sum().Backward();
        b.Trainable = false;
        optimizer.Step();
        Assert.That(new[] { a, b, c }.Select(p => p.Value.Item()), Is.EqualTo(new[] { 0.0, 1, 1 }));
    }

    [Test]
    public void Step_BeforeBackward_IsFoundByTheGraph()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(3, 4, rng), new Linear(4, 1, rng));
        var optimizer = new Sgd(model.Parameters, 0.1);
        var x = Tensor.Ones([2, 3]);
        model.Forward(x, Pass.Inference).Sum().Backward();
        var late = model.Forward(x, Pass.Inference).Sum();
        optimizer.Step();
        Assert.That(() => late.Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("1.weight").And.Message.Contains("optimizer's step"));
    }

    [Test]
    public void State_OutlivesTheScopeOfItsStep_AndFollowsItsParameter()
    {
        var weight = new Parameter("w", Tensor.Ones([2]));
        var optimizer = new Adam([weight], 0.1);
        using (Device.Cpu.Scope("a step"))
        {
            (weight.Value * 0.5).Sum().Backward();
            optimizer.Step();
        }
        Assert.That(optimizer.State().Select(s => s.Key), Is.EqualTo(new[] { "w.mean", "w.square" }));
        Assert.That(optimizer.State().First().Value.Value.ToArray(), Is.All.EqualTo(0.05f).Within(1e-7f));
        weight.To(TestDevices.Reference);
        optimizer.Step();
        Assert.That(optimizer.State().First().Value.Value.Device, Is.SameAs(TestDevices.Reference));
    }

    [Test]
    public void Constructor_RefusesBadSettings()
    {
        var weight = new Parameter("w", Tensor.Ones([1]));
        Assert.That(() => new Sgd([], 0.1), Throws.ArgumentException.With.Message.Contains("model.Parameters"));
        Assert.That(() => new Sgd([weight, weight], 0.1), Throws.ArgumentException.With.Message.Contains("twice"));
        Assert.That(() => new Sgd([weight], double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sgd([weight], 0.1, nesterov: true), Throws.ArgumentException.With.Message.Contains("momentum"));
        Assert.That(() => new Adam([weight], 0.1, beta1: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
