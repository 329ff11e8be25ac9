using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>Layers that do one thing while training and another at inference.</summary>
public class PassTests
{
    [Test]
    public void Inference_HasNoRandomNumbers()
    {
        Assert.That(Pass.Inference.Training, Is.False);
        Assert.That(() => Pass.Inference.Rng, Throws.InvalidOperationException);
    }

    [Test]
    public void Dropout_DropsInTrainingAlone()
    {
        var layer = new Dropout(0.25);
        var x = Tensor.Ones([10_000]);
        Assert.That(layer.Predict(x).ToArray(), Is.All.EqualTo(1f));
        float[] y = layer.Forward(x, Pass.Train(new Rng(1))).ToArray();
        Assert.That(y.Distinct().Order(), Is.EqualTo(new[] { 0f, 1 / 0.75f }));
        Assert.That(y.Count(v => v == 0), Is.EqualTo(2500).Within(150));
        Assert.That(layer.Forward(x, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(y));
        var rng = new Rng(1);
        layer.Forward(x, Pass.Train(rng));
        Assert.That(layer.Forward(x, Pass.Train(rng)).ToArray(), Is.Not.EqualTo(y));
    }

    [Test]
    public void BatchNorm_UsesTheBatchInTraining_AndTheRunningStatisticsAtInference()
    {
        // Channel 0 holds 1, 2, 3, 4 and channel 1 ten times that: means 2.5 and 25, biased variances 1.25 and 125.
        var layer = new BatchNorm2d(2);
        var x = Tensor.From([1f, 2, 10, 20, 3, 4, 30, 40], [2, 2, 1, 2]);
        var y = layer.Forward(x, Pass.Train(new Rng(1)));
        double r = Math.Sqrt(1.25 + 1e-5);
        Assert.That(y.ToArray<double>()[..2], Is.EqualTo(new[] { -1.5 / r, -0.5 / r }).Within(1e-5));
        // running = 0.9 · old + 0.1 · new, the new variance unbiased: 5/3 and 500/3.
        var running = layer.NamedBuffers().ToDictionary();
        Assert.That(running["running_mean"].Value.ToArray<double>(), Is.EqualTo(new[] { 0.25, 2.5 }).Within(1e-6));
        Assert.That(running["running_var"].Value.ToArray<double>(), Is.EqualTo(new[] { 0.9 + 0.5 / 3, 0.9 + 50.0 / 3 }).Within(1e-5));
        var z = layer.Predict(x).ToArray<double>();
        Assert.That(z[2], Is.EqualTo((10 - 2.5) / Math.Sqrt(0.9 + 50.0 / 3 + 1e-5)).Within(1e-5));
        Assert.That(running["running_mean"].Value.ToArray<double>()[0], Is.EqualTo(0.25).Within(1e-6));
        Assert.That(layer.State().Select(s => s.Key), Is.EqualTo(new[] { "weight", "bias", "running_mean", "running_var" }));
    }

    [Test]
    public void BatchNorm_EndsAResidualBlock()
    {
        Tensor x = Tensor.Normal([2, 3, 4, 5], new Rng(1)), shortcut = Tensor.Normal([2, 3, 4, 5], new Rng(2));
        var plain = new BatchNorm2d(3);
        foreach (var pass in new[] { Pass.Train(new Rng(1)), Pass.Inference })
        {
            var expected = (plain.Forward(x, pass) + shortcut).Relu();
            var layer = new BatchNorm2d(3, activation: Activation.Relu);
            foreach (var (name, buffer) in layer.NamedBuffers())
                if (!pass.Training) buffer.CopyFrom(plain.NamedBuffers().ToDictionary()[name].Value);
            Assert.That(layer.Forward(x, shortcut, pass).ToArray(), Is.EqualTo(expected.ToArray()));
        }
        var model = new Sequential { { "norm", new BatchNorm2d(3) } };
        Assert.That(() => ((BatchNorm2d)model[0]).Forward(x, shortcut[..1], Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.StartsWith("norm (BatchNorm2d 3)").And.Message.Contains("addend"));
    }

    [Test]
    public void BatchNorm1d_TakesRowsAndSeries()
    {
        var layer = new BatchNorm1d(3);
        Assert.That(layer.Predict(Tensor.Ones([2, 3])).Shape, Is.EqualTo(new Shape(2, 3)));
        Assert.That(layer.Predict(Tensor.Ones([2, 3, 5])).Shape, Is.EqualTo(new Shape(2, 3, 5)));
        Assert.That(() => layer.Predict(Tensor.Ones([2, 3, 5, 5])), Throws.TypeOf<ShapeException>().With.Message.Contains("BatchNorm1d 3").And.Message.Contains("(N, C) or (N, C, L)"));
    }
}
