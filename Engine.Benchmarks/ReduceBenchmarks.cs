using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Sums, losses and normalisation on the default device, at the sizes of the digits network with a batch of 32.</summary>
[MemoryDiagnoser]
public class ReduceBenchmarks
{
    private readonly Tensor million = Make(1_000_000);
    private readonly Tensor rows = Make(21632, 32);                 // (32·26·26, 32): the gradient of a convolution's bias
    private readonly Tensor images = Make(32, 32, 26, 26);
    private readonly Tensor gradient = Make(32, 32, 26, 26);
    private readonly Tensor logits = Make(32, 10);
    private readonly Tensor wide = Make(256, 1000);
    private readonly Tensor classes = Tensor.From(Enumerable.Range(0, 32).Select(i => i % 10).ToArray(), [32]);
    private readonly Tensor gamma = Tensor.Ones([32]), beta = Tensor.Zeros([32]), mean = Tensor.Zeros([32]), variance = Tensor.Ones([32]);

    [Benchmark]
    public void SumOfAMillion() => InScope(() => million.Sum());

    [Benchmark]
    public void MaxOfAMillion() => InScope(() => million.Max());

    [Benchmark]
    public void SumOfRows() => InScope(() => rows.Sum(0));

    [Benchmark]
    public void SumOfChannels() => InScope(() => images.Sum(0, 2, 3));

    [Benchmark]
    public void VarianceOfChannels() => InScope(() => images.Reshape(32, 32, 676).Variance(2));

    [Benchmark]
    public void Softmax() => InScope(() => wide.Softmax());

    [Benchmark]
    public void CrossEntropy() => InScope(() => logits.CrossEntropy(classes));

    [Benchmark]
    public void CrossEntropyAndBackward()
    {
        var x = logits.Detach().WithGrad();
        using var scope = Device.Cpu.Scope();
        x.CrossEntropy(classes).Backward();
    }

    [Benchmark]
    public void BatchNorm() => InScope(() => images.BatchNorm(gamma, beta, mean, variance, training: true));

    [Benchmark]
    public void BatchNormAddRelu() => InScope(() => images.BatchNorm(gamma, beta, mean, variance, training: true, addend: gradient, activation: Activation.Relu));

    [Benchmark]
    public void BatchNormAddRelu_ThreeOps() => InScope(() => (images.BatchNorm(gamma, beta, mean, variance, training: true) + gradient).Relu());

    [Benchmark]
    public void BatchNormAndBackward()
    {
        Tensor x = images.Detach().WithGrad(), g = gamma.Detach().WithGrad(), b = beta.Detach().WithGrad();
        using var scope = Device.Cpu.Scope();
        x.BatchNorm(g, b, mean, variance, training: true).Backward(gradient);
    }

    private static void InScope(Func<Tensor> work)
    {
        using var scope = Device.Cpu.Scope();
        work();
    }

    private static Tensor Make(params int[] shape) => Tensor.Uniform(shape, new Rng(1), -1, 1);
}
