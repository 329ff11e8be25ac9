using Engine.Benchmarks;
using Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Engine.Peers;

/// <summary><see cref="ResNet18"/>, training and inference.</summary>
internal static class ResNetWorkloads
{
    private const int Batch = 32, Size = 32, Classes = ResNet18.Classes;

    public static IEnumerable<Workload> All => [Training(), Inference()];

    private static Workload Training()
    {
        var (flops, first, parameters) = Costs();
        return new($"resnet18 training b{Batch}", Group.Model, Batch * (3 * flops - first), Models.TrainingBytes(parameters, Batch * 3 * Size * Size),
            device =>
            {
                var model = EngineModel(device);
                Tensor x = Images(device), y = Tensor.From(Numbers.Ids(Batch, Classes), [Batch], device);
                var pass = Pass.Train(new Core.Rng(1));
                return Models.Training(device, model, () => model.Forward(x, pass).CrossEntropy(y));
            },
            () =>
            {
                var model = Models.Filled(new LibtorchResNet());
                Torch x = Images(), y = tensor(Array.ConvertAll(Numbers.Ids(Batch, Classes), c => (long)c));
                return Models.Training(model, () => nn.functional.cross_entropy(model.forward(x), y));
            })
        { Tolerance = 1e-3 };
    }

    private static Workload Inference()
    {
        var (flops, _, parameters) = Costs();
        return new($"resnet18 inference b{Batch}", Group.Model, Batch * flops, 4 * (parameters + Batch * 3 * Size * Size),
            device =>
            {
                var model = EngineModel(device);
                var x = Images(device);
                return Models.Inference(device, () => model.Predict(x));
            },
            () =>
            {
                var model = Models.Filled(new LibtorchResNet());
                var x = Images();
                return Models.Inference(model, () => model.forward(x));
            });
    }

    /// <summary>Libtorch's.</summary>
    public static nn.Module<Torch, Torch> LibtorchModel() => new LibtorchResNet();

    private static Sequential EngineModel(Device device) => Models.Filled(ResNet18.Build(new Core.Rng(1)), device);

    private static Tensor Images(Device device) => Tensor.From(Numbers.Uniform(Batch * 3 * Size * Size, 99), [Batch, 3, Size, Size], device);

    private static Torch Images() => tensor(Numbers.Uniform(Batch * 3 * Size * Size, 99), [Batch, 3, Size, Size]);

    /// <summary>Multiplications and additions of an image's convolutions and the last layer; those of the first convolution, whose input needs no gradient; how many
    /// parameters.</summary>
    private static (double Flops, double First, double Parameters) Costs()
    {
        double first = 2.0 * Size * Size * 64 * 27, flops = first + 2.0 * 512 * Classes, parameters = 64 * 27 + 2 * 64 + 513 * Classes;
        int size = Size;
        foreach (var (from, to, stride) in ResNet18.Blocks)
        {
            size /= stride;
            double weights = 9.0 * to * (from + to) + (stride == 1 ? 0 : (double)from * to);
            flops += 2.0 * size * size * weights;
            parameters += weights + 2 * to * (stride == 1 ? 2 : 3);
        }
        return (flops, first, parameters);
    }

    private sealed class LibtorchResNet : nn.Module<Torch, Torch>
    {
        private readonly TorchSharp.Modules.Sequential layers;

        public LibtorchResNet() : base(nameof(LibtorchResNet))
        {
            List<nn.Module<Torch, Torch>> all = [nn.Conv2d(3, 64, 3, padding: 1, bias: false), nn.BatchNorm2d(64), nn.ReLU(inplace: true)];
            all.AddRange(ResNet18.Blocks.Select(b => new LibtorchResNetBlock(b.From, b.To, b.Stride)));
            all.AddRange([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, Classes)]);
            layers = nn.Sequential(all.ToArray());
            RegisterComponents();
        }

        public override Torch forward(Torch x) => layers.forward(x);
    }

    private sealed class LibtorchResNetBlock : nn.Module<Torch, Torch>
    {
        private readonly TorchSharp.Modules.Sequential body;
        private readonly TorchSharp.Modules.Sequential? shortcut;

        public LibtorchResNetBlock(int from, int to, int stride) : base(nameof(LibtorchResNetBlock))
        {
            body = nn.Sequential(
                nn.Conv2d(from, to, 3, stride: stride, padding: 1, bias: false), nn.BatchNorm2d(to), nn.ReLU(inplace: true),
                nn.Conv2d(to, to, 3, padding: 1, bias: false), nn.BatchNorm2d(to));
            if (stride > 1) shortcut = nn.Sequential(nn.Conv2d(from, to, 1, stride: stride, bias: false), nn.BatchNorm2d(to));
            RegisterComponents();
        }

        public override Torch forward(Torch x) => body.forward(x).add_(shortcut is null ? x : shortcut.forward(x)).relu_();
    }
}
