using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Engine.Peers;

internal sealed class LibtorchPeer : IPeer
{
    public LibtorchPeer(int threads) => set_num_threads(threads);

    public Action MatMul(int n)
    {
        Tensor a = tensor(Cases.Numbers(n * n, 1, 1), [n, n]), b = tensor(Cases.Numbers(n * n, 2, 1), [n, n]);
        return () => a.matmul(b).Dispose();
    }

    public Func<float> Ctc(float[] logits, int steps, int classes, int[] labels)
    {
        Tensor x = tensor(logits, [Cases.Batch, steps, classes], requires_grad: true);
        Tensor y = tensor(Array.ConvertAll(labels, c => (long)c), [Cases.Batch, labels.Length / Cases.Batch]);
        Tensor inputs = full([Cases.Batch], steps, ScalarType.Int64), targets = full([Cases.Batch], labels.Length / Cases.Batch, ScalarType.Int64);
        return () =>
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.ctc_loss(x.log_softmax(2).transpose(0, 1), y, inputs, targets);
            autograd.grad([loss], [x]);
            return loss.item<float>();
        };
    }

    public Func<float> TrainStep(float[] images, int[] classes, float[][] weights)
    {
        var model = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10));
        using (no_grad())
            foreach (var (parameter, numbers) in model.parameters().Zip(weights)) parameter.copy_(tensor(numbers, parameter.shape));
        var optimizer = optim.Adam(model.parameters(), lr: 1e-3);
        Tensor x = tensor(images, [Cases.Batch, 1, 28, 28]), y = tensor(Array.ConvertAll(classes, c => (long)c), [Cases.Batch]);
        return () =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.forward(x), y);
            loss.backward();
            optimizer.step();
            return loss.item<float>();
        };
    }

    public Func<float> Recurrent(bool lstm, float[] x, float[][] weights, bool train)
    {
        nn.Module model = lstm ? nn.LSTM(Cases.Channels, Cases.Units, batchFirst: true) : nn.GRU(Cases.Channels, Cases.Units, batchFirst: true);
        using (no_grad())
            foreach (var (parameter, numbers) in model.parameters().Zip(weights)) parameter.copy_(tensor(numbers, parameter.shape));
        var input = tensor(x, [x.Length / Cases.Channels / Cases.Steps, Cases.Steps, Cases.Channels]);
        return () =>
        {
            using var scope = NewDisposeScope();
            using var gradients = set_grad_enabled(train);
            var y = model is LSTM l ? l.forward(input).Item1 : ((GRU)model).forward(input).Item1;
            var loss = y.square().mean();
            if (train)
            {
                model.zero_grad();
                loss.backward();
            }
            return loss.item<float>();
        };
    }
}
