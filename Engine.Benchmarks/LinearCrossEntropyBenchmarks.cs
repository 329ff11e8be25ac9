using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>The loss of a masked language model's head over BERT's vocabulary, with all gradients, on the default device: by blocks of rows, and from the whole
/// logits.</summary>
public class LinearCrossEntropyBenchmarks
{
    private const int Vocabulary = 30_522, Width = 256;

    private Tensor hidden = null!, classes = null!;
    private readonly Tensor weight = Tensor.Normal([Vocabulary, Width], new Rng(1)).WithGrad(), bias = Tensor.Zeros([Vocabulary]).WithGrad();

    /// <summary>Rows: the masked places of a batch of 8 by 128, and half of all.</summary>
    [Params(154, 512)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Make()
    {
        hidden = Tensor.Normal([Rows, Width], new Rng(2)).WithGrad();
        classes = Tensor.From([.. Enumerable.Range(0, Rows).Select(i => i * 7919 % Vocabulary)], [Rows]);
    }

    [Benchmark(Baseline = true)]
    public void WholeLogits() => Step(() => hidden.MatMul(weight, bias, transposeOther: true).CrossEntropy(classes, -100));

    [Benchmark]
    public void Blocks() => Step(() => hidden.LinearCrossEntropy(weight, bias, classes));

    private void Step(Func<Tensor> loss)
    {
        using var scope = Device.Cpu.Scope();
        Autograd.Gradients(loss(), [hidden, weight, bias]);
    }
}
