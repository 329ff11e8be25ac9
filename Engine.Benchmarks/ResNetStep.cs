using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>A training step of <see cref="ResNet18"/> on noise.</summary>
public sealed class ResNetStep
{
    private readonly Device device;
    private readonly Rng rng = new(1);
    private readonly Sequential model;
    private readonly Optimizer optimizer;
    private readonly Tensor x, classes;

    /// <param name="device">Where it is trained.</param>
    /// <param name="batch">Images.</param>
    /// <param name="side">Their height and width; 32 in CIFAR.</param>
    public ResNetStep(Device device, int batch, int side)
    {
        this.device = device;
        model = ResNet18.Build(rng);
        model.To(device);
        optimizer = new Adam(model.Parameters);
        x = Tensor.Uniform([batch, 3, side, side], rng).To(device);
        classes = Tensor.From(Enumerable.Range(0, batch).Select(i => i * 7 % 10).ToArray(), [batch], device);
    }

    /// <returns>The loss.</returns>
    public double Run()
    {
        using var scope = device.Scope("the step");
        var loss = Loss.CrossEntropy(model.Forward(x, Pass.Train(rng)), classes);
        loss.Backward();
        optimizer.Step();
        optimizer.ZeroGrad();
        return loss.Item();
    }
}
