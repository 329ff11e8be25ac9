using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>One of the article's networks and one step of its training, on noise.</summary>
public sealed class ArticleStep
{
    private readonly Device device;
    private readonly Rng rng;
    private readonly Tensor x, classes;
    private readonly Optimizer optimizer;

    private ArticleStep(Device device, Sequential model, Tensor x, Rng rng)
    {
        (this.device, this.rng) = (device, rng);
        Model = model.To(device);
        this.x = x.To(device);
        optimizer = new Adam(Model.Parameters);
        int batch = x.Shape[0];
        classes = Tensor.From(Enumerable.Range(0, batch).Select(i => i * 7 % 10).ToArray(), [batch], device);
    }

    /// <summary>The convolutional network, on (N, 1, 28, 28).</summary>
    public static ArticleStep Cnn(Device device, int batch)
    {
        var rng = new Rng(1);
        var model = new Sequential
        {
            new Conv2d(1, 32, 3, rng, activation: Activation.Relu),
            new MaxPool2d(2),
            new Conv2d(32, 64, 3, rng, activation: Activation.Relu),
            new MaxPool2d(2),
            new Flatten(),
            new Linear(1600, 128, rng, activation: Activation.Relu),
            new Linear(128, 10, rng),
        };
        return new ArticleStep(device, model, Tensor.Uniform([batch, 1, 28, 28], rng), rng);
    }

    /// <summary>The two LSTMs on an embedding of 10,000 words, on (N, <paramref name="length"/>) ids.</summary>
    public static ArticleStep Lstm(Device device, int batch, int length = 100)
    {
        var rng = new Rng(1);
        var model = new Sequential
        {
            new Embedding(10_000, 64, rng),
            new Lstm(64, 128, rng),
            new Lstm(128, 128, rng, returnSequences: false),
            new Linear(128, 10, rng),
        };
        return new ArticleStep(device, model, Tensor.From(Enumerable.Range(0, batch * length).Select(i => (int)(i * 7919L % 10_000)).ToArray(), [batch, length]), rng);
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
