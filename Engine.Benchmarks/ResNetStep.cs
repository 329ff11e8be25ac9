using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>A training step of ResNet-18 in its form for CIFAR (a 3x3 stem, four stages of two blocks, 64 to 512 channels) on noise.</summary>
/// <remarks>Source: He, Zhang, Ren and Sun 2015, arXiv:1512.03385.</remarks>
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
        model = new Sequential { new Conv2d(3, 64, 3, rng, padding: 1, bias: false), new BatchNorm2d(64), new Layers.Relu() };
        int channels = 64;
        foreach (var (width, stride) in new[] { (64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1) })
        {
            model.Add(new Block(channels, width, stride, rng));
            channels = width;
        }
        model.Add(new GlobalAvgPool2d());
        model.Add(new Linear(512, 10, rng));
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

    /// <summary>relu(f(x) + x), f two convolutions with their norms; x by a convolution of 1x1 where its shape changes.</summary>
    private sealed class Block : Layer
    {
        private readonly Sequential path;
        private readonly Sequential? shortcut;

        public Block(int from, int to, int stride, Rng rng)
        {
            path = Register("path", new Sequential(
                new Conv2d(from, to, 3, rng, stride: stride, padding: 1, bias: false), new BatchNorm2d(to), new Layers.Relu(),
                new Conv2d(to, to, 3, rng, padding: 1, bias: false), new BatchNorm2d(to)));
            if (from != to) shortcut = Register("shortcut", new Sequential(new Conv2d(from, to, 1, rng, stride: stride, bias: false), new BatchNorm2d(to)));
        }

        protected override Tensor Compute(Tensor x, Pass pass) => (path.Forward(x, pass) + (shortcut?.Forward(x, pass) ?? x)).Relu();
    }
}
