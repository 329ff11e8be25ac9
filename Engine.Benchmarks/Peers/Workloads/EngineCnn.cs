using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Peers;

/// <summary>The article's network for images of 28×28 in ten classes, in the engine.</summary>
internal static class EngineCnn
{
    public static Sequential Build()
    {
        var rng = new Rng(1);
        return
        [
            new Conv2d(1, 32, 3, rng, activation: Activation.Relu), new MaxPool2d(2),
            new Conv2d(32, 64, 3, rng, activation: Activation.Relu), new MaxPool2d(2),
            new Flatten(), new Linear(1600, 128, rng, Activation.Relu), new Linear(128, 10, rng),
        ];
    }
}
