using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Peers;

internal sealed class EnginePeer(int threads) : IPeer
{
    private readonly CpuDevice device = new(threads);

    public Action MatMul(int n)
    {
        Tensor a = Tensor.From(Cases.Numbers(n * n, 1, 1), [n, n], device), b = Tensor.From(Cases.Numbers(n * n, 2, 1), [n, n], device);
        return () =>
        {
            using var scope = device.Scope();
            a.MatMul(b);
        };
    }

    public Func<float> Ctc(float[] logits, int steps, int classes, int[] labels)
    {
        Tensor x = Tensor.From(logits, [Cases.Batch, steps, classes], device).WithGrad(), y = Tensor.From(labels, [Cases.Batch, labels.Length / Cases.Batch], device);
        return () =>
        {
            using var scope = device.Scope();
            var loss = Loss.Ctc(x, y);
            Autograd.Gradients(loss, [x]);
            return (float)loss.Item();
        };
    }

    public Func<float> TrainStep(float[] images, int[] classes, float[][] weights)
    {
        var rng = new Rng(1);
        var model = new Sequential
        {
            new Conv2d(1, 32, 3, rng, activation: Activation.Relu), new MaxPool2d(2),
            new Conv2d(32, 64, 3, rng, activation: Activation.Relu), new MaxPool2d(2),
            new Flatten(), new Linear(1600, 128, rng, Activation.Relu), new Linear(128, 10, rng),
        };
        model.To(device);
        foreach (var (parameter, numbers) in model.Parameters.Zip(weights)) parameter.CopyFrom(numbers);
        var optimizer = new Adam(model.Parameters);
        Tensor x = Tensor.From(images, [Cases.Batch, 1, 28, 28], device), y = Tensor.From(classes, [Cases.Batch], device);
        return () =>
        {
            using var scope = device.Scope();
            optimizer.ZeroGrad();
            var loss = model.Forward(x, Pass.Train(rng)).CrossEntropy(y);
            loss.Backward();
            optimizer.Step();
            return loss.ToArray<float>()[0];
        };
    }

    public Func<float> Recurrent(bool lstm, float[] x, float[][] weights, bool train)
    {
        int rows = weights[2].Length;
        Tensor input = Tensor.From(x, [x.Length / Cases.Channels, Cases.Channels], device);
        Tensor[] w = [Make(weights[0], rows, Cases.Channels), Make(weights[1], rows, Cases.Units), Make(weights[2], rows), Make(weights[3], rows)];
        var layout = SequenceLayout.Padded(input.Shape[0] / Cases.Steps, Cases.Steps);
        return () =>
        {
            using var scope = device.Scope();
            if (!train)
            {
                using var noGrad = NoGrad.Begin();
                return Loss().ToArray<float>()[0];
            }
            var loss = Loss();
            Autograd.Gradients(loss, w);
            return loss.ToArray<float>()[0];
        };

        Tensor Loss()
        {
            var y = (lstm ? input.Lstm(w[0], w[1], w[2], w[3], layout) : input.Gru(w[0], w[1], w[2], w[3], layout)).Outputs;
            return (y * y).Mean();
        }

        Tensor Make(float[] numbers, params int[] shape) => Tensor.From(numbers, shape, device).WithGrad();
    }
}
