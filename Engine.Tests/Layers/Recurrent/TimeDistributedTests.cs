using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

public class TimeDistributedTests
{
    [Test]
    public void EachStep_IsGivenToTheLayer()
    {
        var conv = new Conv2d(1, 3, 2, new Rng(1));
        var x = Tensor.Normal([2, 4, 1, 5, 5], new Rng(2));
        var y = new TimeDistributed(new Sequential { conv, new Flatten() }).Predict(x);
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 4, 48)));
        for (int t = 0; t < 4; t++) Assert.That(y[1, t].ToArray(), Is.EqualTo(conv.Predict(x[1, t].Unsqueeze(0)).ToArray()).Within(1e-6));
    }

    [Test]
    public void StepsPastTheEnd_AreNotGiven_AndAreZero()
    {
        // A batch norm over the four steps 1, 2, 3 and 6, whose mean is 3 and whose variance is 3.5; the padding is NaN.
        float[] numbers = [1, 2, 3, 6, float.NaN, float.NaN];
        var y = new TimeDistributed(new BatchNorm1d(1, epsilon: 0)).Forward(Tensor.From(numbers, [2, 3, 1]), Pass.Train(new Rng(1)).WithLengths([3, 1]));
        double d = Math.Sqrt(3.5);
        Assert.That(y.ToArray<double>(), Is.EqualTo(new[] { -2 / d, -1 / d, 0, 3 / d, 0, 0 }).Within(1e-6));
    }

    [Test]
    public void ItsParameters_AreTheLayers_AndGradientsFlow()
    {
        var layer = new TimeDistributed(new Linear(3, 2, new Rng(1)));
        Assert.That(layer.State().Select(s => s.Key), Is.EqualTo(new[] { "layer.weight", "layer.bias" }));
        layer.Forward(Tensor.Ones([2, 4, 3]), Made.With(1, 3)).Sum().Backward();
        Assert.That(layer.Parameters[1].Grad!.ToArray(), Is.EqualTo(new[] { 4f, 4f }));
    }

    [Test]
    public void WhatIsNoSequence_IsRefused_AndSoIsALayerThatLosesSteps()
    {
        Assert.That(() => new TimeDistributed(new Linear(3, 2, new Rng(1))).Predict(Tensor.Zeros([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, T, …)"));
        Assert.That(() => new TimeDistributed(new Loses()).Predict(Tensor.Zeros([2, 3, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("one row of each step"));
    }

    private sealed class Loses : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass) => x[1..];
    }
}
