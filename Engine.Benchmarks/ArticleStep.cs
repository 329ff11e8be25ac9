using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>The README's convolutional network and one step of its training, on images of noise.</summary>
public sealed class ArticleStep
{
    private readonly Device device;
    private readonly Rng rng = new(1);
    private readonly Tensor x, classes;
    private readonly Optimizer optimizer;

    public ArticleStep(Device device, int batch)
    {
        this.device = device;
        Model = new Sequential
        {
            new Conv2d(1, 32, 3, rng, activation: Activation.Relu),
            new MaxPool2d(2),
            new Conv2d(32, 64, 3, rng, activation: Activation.Relu),
            new MaxPool2d(2),
            new Flatten(),
            new Linear(1600, 128, rng, activation: Activation.Relu),
            new Linear(128, 10, rng),
        }.To(device);
        optimizer = new Adam(Model.Parameters);
        x = Tensor.Uniform([batch, 1, 28, 28], rng).To(device);
        classes = Tensor.From(Enumerable.Range(0, batch).Select(i => i * 7 % 10).ToArray(), [batch], device);
    }

    public Sequential Model { get; }

    /// <summary>A step with nothing around it: no scope, no Dispose.</summary>
    public double Bare() => Train(x, classes);

    /// <summary>A step on other images.</summary>
    public double Train(Tensor x, Tensor classes)
    {
        optimizer.ZeroGrad();
        var loss = Loss.CrossEntropy(Model.Forward(x, Pass.Train(rng)), classes);
        loss.Backward();
        optimizer.Step();
        return loss.Item();
    }

    /// <summary>A step whose memory goes back at its end.</summary>
    public double Scoped()
    {
        using var scope = device.Scope("the step");
        return Bare();
    }

    public Tensor Predict() => Model.Predict(x);
}
