using TorchSharp;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary>The article's network for images of 28×28 in ten classes, in TorchSharp; its parameters are called as the engine's.</summary>
internal static class LibtorchCnn
{
    public static nn.Module<torch.Tensor, torch.Tensor> Build() => nn.Sequential(
        ("0", nn.Conv2d(1, 32, 3)), ("relu0", nn.ReLU(inplace: true)), ("1", nn.MaxPool2d(2)),
        ("2", nn.Conv2d(32, 64, 3)), ("relu2", nn.ReLU(inplace: true)), ("3", nn.MaxPool2d(2)),
        ("4", nn.Flatten()), ("5", nn.Linear(1600, 128)), ("relu5", nn.ReLU(inplace: true)), ("6", nn.Linear(128, 10)));
}
