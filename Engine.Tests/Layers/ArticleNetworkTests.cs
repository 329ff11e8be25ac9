using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>The convolutional network of the README, trained on images of noise.</summary>
public class ArticleNetworkTests
{
    private static Sequential Network(Rng rng) => new()
    {
        new Conv2d(1, 32, 3, rng, activation: Activation.Relu, init: Init.XavierUniform()),
        new MaxPool2d(2),
        new Conv2d(32, 64, 3, rng, activation: Activation.Relu, init: Init.XavierUniform()),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(1600, 128, rng, Activation.Relu, init: Init.XavierUniform()),
        new Linear(128, 10, rng, init: Init.XavierUniform()),
    };

    [Test]
    public void Network_IsTheSizeOfTheArticle()
        => Assert.That(Network(new Rng(1)).ParameterCount, Is.EqualTo(320 + 18_496 + 204_928 + 1_290));

    [TestCase("cpu", 4)]
    [TestCase("opencl:0", 4)]
    [TestCase("cuda:0", 4)]
    public void Gradients_AreTheReferenceDevices(string name, int batch)
    {
        if (!TestDevices.Names.Contains(name)) Assert.Ignore($"{name} is not here.");
        var (loss, gradients) = Step(TestDevices.Get(name), batch);
        var (expectedLoss, expected) = Step(TestDevices.Reference, batch);
        Assert.That(loss, Is.EqualTo(expectedLoss).Within(1e-5));
        for (int p = 0; p < gradients.Length; p++)
            Assert.That(gradients[p], Is.EqualTo(expected[p]).Within(1e-4), $"parameter {p}");
    }

    private static (double Loss, double[][] Gradients) Step(Device device, int batch)
    {
        var rng = new Rng(11);
        var model = Network(rng).To(device);
        var x = Tensor.Uniform([batch, 1, 28, 28], rng).To(device);
        var classes = Tensor.From(Enumerable.Range(0, batch).Select(i => i * 7 % 10).ToArray(), [batch], device);
        var loss = Loss.CrossEntropy(model.Forward(x, Pass.Train(rng)), classes);
        loss.Backward();
        return (loss.Item(), [.. model.Parameters.Select(p => p.Grad!.ToArray<double>())]);
    }

    [Test]
    public void Predict_FromEightThreads_GivesTheBitsOfOne_AndStaysFlat()
    {
        using var device = new CpuDevice(2);
        var rng = new Rng(11);
        var model = Network(rng).To(device);
        var batches = Enumerable.Range(0, 8).Select(_ => Tensor.Uniform([8, 1, 28, 28], rng).To(device)).ToArray();
        float[][] expected = [.. batches.Select(x => model.Predict(x).ToArray())];
        Run(2);
        GC.Collect();
        long reserved = device.BytesReserved;
        Run(20);
        Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(reserved + (16 << 20)));

        void Run(int times)
        {
            var threads = batches.Select((x, i) => Task.Factory.StartNew(() =>
            {
                for (int t = 0; t < times; t++) Assert.That(model.Predict(x).ToArray(), Is.EqualTo(expected[i]));
            }, TaskCreationOptions.LongRunning)).ToArray();
            Task.WaitAll(threads);
        }
    }
}
