using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>The article's network for images of 28×28 in ten classes.</summary>
internal static class CnnModel
{
    /// <summary>Keras' defaults: Glorot-uniform weights, zero biases. The loss takes logits, so the last layer's softmax is in it.</summary>
    public static Sequential Build(Rng rng)
    {
        var glorot = Init.XavierUniform();
        return new Sequential
        {
            new Conv2d(1, 32, kernelSize: 3, rng, activation: Activation.Relu, init: glorot),       // (N, 32, 26, 26)
            new MaxPool2d(2),                                                                       // (N, 32, 13, 13)
            new Conv2d(32, 64, kernelSize: 3, rng, activation: Activation.Relu, init: glorot),      // (N, 64, 11, 11)
            new MaxPool2d(2),                                                                       // (N, 64, 5, 5)
            new Flatten(),
            new Linear(64 * 5 * 5, 128, rng, Activation.Relu, init: glorot),
            new Linear(128, 10, rng, init: glorot),
        };
    }

    /// <summary>Keras' Adam.</summary>
    public static Adam Optimizer(Layer model, double learningRate = 1e-3) => new(model.Parameters, learningRate, epsilon: 1e-7);
}
