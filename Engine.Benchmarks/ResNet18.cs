using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>ResNet-18 in its form for CIFAR: a 3x3 convolution first, no pooling behind it, then four times two blocks of 64, 128, 256 and 512 channels.</summary>
/// <remarks>Source: He, Zhang, Ren and Sun 2015, arXiv:1512.03385.</remarks>
internal static class ResNet18
{
    public const int Classes = 10;

    /// <summary>The channels of each block, and its stride.</summary>
    public static (int From, int To, int Stride)[] Blocks =>
        [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)];

    public static Sequential Build(Rng rng) =>
    [
        new Conv2d(3, 64, 3, rng, padding: 1, bias: false), new BatchNorm2d(64, activation: Activation.Relu),
        .. Blocks.Select(b => new Block(b.From, b.To, b.Stride, rng)),
        new GlobalAvgPool2d(), new Linear(512, Classes, rng),
    ];

    /// <summary>relu(f(x) + x), f two convolutions with their norms; x by a convolution of 1x1 where its shape changes.</summary>
    private sealed class Block : Layer
    {
        private readonly Sequential path;
        private readonly BatchNorm2d norm;
        private readonly Sequential? shortcut;

        public Block(int from, int to, int stride, Rng rng)
        {
            path = Register("path", new Sequential(
                new Conv2d(from, to, 3, rng, stride: stride, padding: 1, bias: false), new BatchNorm2d(to, activation: Activation.Relu),
                new Conv2d(to, to, 3, rng, padding: 1, bias: false)));
            norm = Register("norm", new BatchNorm2d(to, activation: Activation.Relu));
            if (from != to) shortcut = Register("shortcut", new Sequential(new Conv2d(from, to, 1, rng, stride: stride, bias: false), new BatchNorm2d(to)));
        }

        protected override Tensor Compute(Tensor x, Pass pass)
        {
            using var scope = x.Device.ForwardScope("the block");
            return scope.Keep(norm.Forward(path.Forward(x, pass), shortcut?.Forward(x, pass) ?? x, pass));
        }
    }
}
