using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class AnomalyTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    private static Tensor Of(string device, params double[] values) => Tensor.From(values, [values.Length], TestDevices.Get(device));

    [TestCaseSource(nameof(Devices))]
    public void Forward_TheOpThatMadeTheFirst_IsNamed(string device)
    {
        using var mode = AnomalyMode.Begin();
        var x = Of(device, 1, -2, 3, -4).WithGrad();
        var log = Assert.Throws<AnomalyException>(() => ((x - 0.5).Log() * 2).Sum())!;
        Assert.That(log.Message, Is.EqualTo("Log made the first NaN: its result (4) has 2 NaN of 4 numbers, the first at 1. Its inputs were finite: (4) made by AddScalar."));
        Assert.That((log.Op, log.IsBackward, log.Input), Is.EqualTo(("Log", false, (int?)null)));
        Assert.That(log.InputShapes, Is.EqualTo(new[] { new Shape(4) }));
        var power = Assert.Throws<AnomalyException>(() => (Of(device, 1e30, 2) * 1).Softplus(2, 5).Exp())!;
        Assert.That(power.Message, Does.StartWith("Exp made the first infinity: its result (2) has 1 infinite of 2 numbers, the first at 0."));
        var quotient = Assert.Throws<AnomalyException>(() => { _ = Of(device, 1, 2) / Of(device, 0, 1); })!;
        Assert.That(quotient.InputShapes, Has.Count.EqualTo(2));
    }

    [Test]
    public void Forward_TellsTheOpsSettings()
    {
        using var mode = AnomalyMode.Begin();
        var x = Tensor.Full([2, 3], 3e38);
        var error = Assert.Throws<AnomalyException>(() => x.Sum([1], true))!;
        Assert.That(error.Attributes, Is.EqualTo("axes=1, keepDims"));
        Assert.That(error.Message, Does.StartWith("Sum (axes=1, keepDims) made the first infinity"));
    }

    [Test]
    public void Forward_WhatComesInIsTold_AndAMaskOfInfinities_Passes()
    {
        using var mode = AnomalyMode.Begin();
        var bad = Tensor.From([1f, float.NaN], [2]);
        bad.Name = "fc.weight";
        var error = Assert.Throws<AnomalyException>(() => { _ = Tensor.Ones([2]) * bad; })!;
        Assert.That(error.Input, Is.EqualTo(1));
        Assert.That(error.Message, Does.Contain("was given 1 NaN of 2 numbers, the first at 1: by its input 1, (2) 'fc.weight'").And.Contain("a weight that a step has spoiled"));

        var x = Tensor.From([1f, 2f, 3f], [1, 3]).WithGrad();
        var mask = Tensor.From(new byte[] { 0, 1, 0 }, [1, 3]);
        var y = x.MaskedFill(mask, double.NegativeInfinity).Softmax();
        Assert.That(y.ToArray()[1], Is.Zero);
        (y * y).Sum().Backward();
        Assert.That(x.Grad!.ToArray()[1], Is.Zero);
        var all = x.MaskedFill(Tensor.From(new byte[] { 1, 1, 1 }, [1, 3]), double.NegativeInfinity);
        Assert.That(() => all.Softmax(), Throws.TypeOf<AnomalyException>().With.Message.Contains("Softmax made the first NaN").And.Message.Contains("had infinities, but no NaN"));
    }

    [TestCaseSource(nameof(Devices))]
    public void Backward_TheOpAndTheInput_AreNamed_AndThatForwardWasFine(string device)
    {
        using var mode = AnomalyMode.Begin();
        var x = Of(device, 4, 0, 9).WithGrad();
        x.Name = "x";
        var y = (x * 1).Sqrt() * 2;                                     // the derivative at 0 is infinite
        var error = Assert.Throws<AnomalyException>(() => y.Sum().Backward())!;
        Assert.That(error.Message, Is.EqualTo("The backward pass of Sqrt made the first infinity: the gradient of its input 0, (3) made by MultiplyScalar, has 1 infinite of 3 numbers, the first at 1. The gradient that it was given was finite, and its forward result was finite."));
        Assert.That((error.Op, error.IsBackward, error.Input), Is.EqualTo(("Sqrt", true, (int?)0)));
    }

    [Test]
    public void Backward_OfAForwardBeforeTheMode_SaysSo()
    {
        var x = Tensor.From([0f, 1f], [2]).WithGrad();
        var y = x.Sqrt().Sum();
        using var mode = AnomalyMode.Begin();
        Assert.That(() => y.Backward(), Throws.TypeOf<AnomalyException>().With.Message.Contains("before the anomaly mode began"));
    }

    [Test]
    public void Backward_WhatCameFromElsewhere_IsTold()
    {
        using var mode = AnomalyMode.Begin();
        var x = Tensor.From([1f, 2f], [2]).WithGrad();
        Assert.That(() => (x * 2).Backward(Tensor.From([float.NaN, 1f], [2])), Throws.TypeOf<AnomalyException>().With.Message.Contains("that it was given had 1 NaN of 2 numbers, the first at 0 already: from Backward itself"));
        var leaf = Tensor.Scalar(1e-30).WithGrad();
        leaf.Name = "w";
        var finite = leaf * 3e38 + leaf * 3e38;
        var error = Assert.Throws<AnomalyException>(() => finite.Backward())!;
        Assert.That(error.Message, Is.EqualTo("The gradient of () 'w' has 1 infinite of 1 numbers, the first at 0, and no op's backward pass made it: it is from Backward itself, from a hook, or from several gradients whose sum is too large."));
        Assert.That(leaf.Grad, Is.Null);
    }

    [Test]
    public void TheMode_IsOfItsThread_AndItsBlock()
    {
        Assert.That(AnomalyMode.IsOn, Is.False);
        Assert.That(double.IsNaN(Tensor.Scalar(-1).Log().Item()), "off: nothing is looked at");
        using (AnomalyMode.Begin())
        {
            using (AnomalyMode.Begin()) { }
            Assert.That(AnomalyMode.IsOn);
            bool elsewhere = true;
            var thread = new Thread(() => elsewhere = AnomalyMode.IsOn);
            thread.Start();
            thread.Join();
            Assert.That(elsewhere, Is.False);
            Assert.That(() => Tensor.Scalar(-1).Log(), Throws.TypeOf<AnomalyException>());
            Assert.That(AnomalyMode.IsOn, "an error leaves it as it is");
        }
        Assert.That(AnomalyMode.IsOn, Is.False);
        using (default(AnomalyMode)) Assert.That(AnomalyMode.IsOn, Is.False);
        Assert.That(AnomalyMode.IsOn, Is.False);
    }

    [Test]
    public void GradientsAreTheSame_AndTypesWithoutNaN_PassBy()
    {
        var x = Tensor.From([1f, 2f, 3f], [3]);
        Tensor a = x.Clone().WithGrad(), b = x.Clone().WithGrad();
        F(a).Backward();
        using (AnomalyMode.Begin()) F(b).Backward();
        Assert.That(b.Grad!.ToArray(), Is.EqualTo(a.Grad!.ToArray()));
        using var mode = AnomalyMode.Begin();
        Assert.That(x.Greater(b.Detach()).ToArray<byte>(), Is.All.Zero);
        Assert.That(Tensor.Zeros([0]).Exp().Count, Is.Zero);
        Assert.That(() => Tensor.Scalar(1e30).Cast(DType.Float16), Throws.TypeOf<AnomalyException>().With.Message.Contains("Cast (Float16) made the first infinity"));

        static Tensor F(Tensor x) => (x.Exp() * x).Log().Reshape(3, 1).Sum();
    }
}
