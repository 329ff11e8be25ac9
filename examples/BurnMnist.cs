using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>The network of burn's example import-model-weights: three convolutions, batch norm, two dense layers, batch norm.</summary>
/// <remarks>Takes pixels from 0 to 1 and normalises them itself. Source: https://github.com/tracel-ai/burn, examples/import-model-weights.</remarks>
internal sealed class BurnMnist : Layer
{
    private const double Mean = 0.1307, Deviation = 0.3081;         // of MNIST's training pixels

    private readonly Layer conv1, conv2, conv3, norm1, fc1, fc2, norm2;

    public BurnMnist(Rng rng)
    {
        conv1 = Register("conv1", new Conv2d(1, 8, 3, rng, activation: Activation.Relu));
        conv2 = Register("conv2", new Conv2d(8, 16, 3, rng, activation: Activation.Relu));
        conv3 = Register("conv3", new Conv2d(16, 24, 3, rng, activation: Activation.Relu));
        norm1 = Register("norm1", new BatchNorm2d(24));
        fc1 = Register("fc1", new Linear(24 * 22 * 22, 32, rng, Activation.Relu));
        fc2 = Register("fc2", new Linear(32, 10, rng));
        norm2 = Register("norm2", new BatchNorm1d(10));
    }

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = (x - Mean) / Deviation;                                 // (N, 1, 28, 28)
        foreach (var layer in new[] { conv1, conv2, conv3, norm1 }) x = layer.Forward(x, pass);
        x = x.Flatten(1);                                           // (N, 24·22·22)
        foreach (var layer in new[] { fc1, fc2, norm2 }) x = layer.Forward(x, pass);
        return x;                                                   // (N, 10)
    }
}
