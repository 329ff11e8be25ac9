using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>Connectionist temporal classification of 32 examples on the default device: of digits, and of letters.</summary>
[MemoryDiagnoser]
public class CtcBenchmarks
{
    private const int N = 32;

    private readonly Tensor digits = Tensor.Normal([N, 100, 11], new Rng(1)).WithGrad(), digitLabels = Labels(11, 10);
    private readonly Tensor letters = Tensor.Normal([N, 500, 30], new Rng(2)).WithGrad(), letterLabels = Labels(30, 60);

    [Benchmark]
    public void LossOfDigits() => InScope(() => digits.Detach().CtcLoss(digitLabels));

    [Benchmark]
    public void LossAndGradientOfDigits() => InScope(() => Autograd.Gradients(Loss.Ctc(digits, digitLabels), [digits]));

    [Benchmark]
    public void LossOfLetters() => InScope(() => letters.Detach().CtcLoss(letterLabels));

    [Benchmark]
    public void LossAndGradientOfLetters() => InScope(() => Autograd.Gradients(Loss.Ctc(letters, letterLabels), [letters]));

    /// <summary>The log-softmax as an op of its own, whose result the loss takes: what the kernels that have it within save.</summary>
    [Benchmark]
    public void LossAndGradientOfLettersBySoftmax() => InScope(() => Autograd.Gradients(Loss.Ctc(letters.LogSoftmax(), letterLabels), [letters]));

    [Benchmark]
    public CtcLabelling[] GreedyOfLetters() => CtcDecoder.Greedy(letters);

    [Benchmark]
    public CtcLabelling[][] BeamOfLetters() => CtcDecoder.Beam(letters, 10);

    private static Tensor Labels(int classes, int length)
    {
        var rng = new Rng(3);
        return Tensor.From([.. Enumerable.Range(0, N * length).Select(_ => 1 + rng.NextInt(classes - 1))], [N, length]);
    }

    private static void InScope(Func<object> work)
    {
        using var scope = Device.Cpu.Scope();
        work();
    }
}
