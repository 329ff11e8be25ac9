using BenchmarkDotNet.Attributes;
using Engine.Core;

namespace Engine.Benchmarks;

/// <summary>A step over as many parameters as the digits network has, and over a million, on the default device. Each reads and writes each
/// number once.</summary>
[MemoryDiagnoser]
public class OptimizerBenchmarks
{
    private Tensor w = null!, grad = null!, a = null!, b = null!, c = null!;

    [Params(225_034, 1 << 20)]
    public int Parameters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        w = Tensor.Normal([Parameters], new Rng(1));
        grad = Tensor.Normal([Parameters], new Rng(2));
        a = Tensor.Zeros([Parameters]);
        b = Tensor.Zeros([Parameters]);
        c = Tensor.Zeros([Parameters]);
    }

    [Benchmark]
    public void Sgd() => InPlace.Sgd(w, grad, null, 1e-6, weightDecay: 1e-4);

    [Benchmark]
    public void SgdWithMomentum() => InPlace.Sgd(w, grad, a, 1e-6, 0.9, 1e-4);

    [Benchmark]
    public void RmsProp() => InPlace.RmsProp(w, grad, a, 1e-6);

    [Benchmark]
    public void Adam() => InPlace.Adam(w, grad, a, b, 10, 1e-6);

    [Benchmark]
    public void AmsGrad() => InPlace.Adam(w, grad, a, b, 10, 1e-6, largest: c);

    [Benchmark]
    public void Adagrad() => InPlace.Adagrad(w, grad, a, 1e-6);

    [Benchmark]
    public void Adadelta() => InPlace.Adadelta(w, grad, a, b, 1e-6);

    [Benchmark]
    public void Adamax() => InPlace.Adamax(w, grad, a, b, 10, 1e-6, epsilon: 1e-3);

    [Benchmark]
    public void Lion() => InPlace.Lion(w, grad, a, 1e-6);

    [Benchmark]
    public void Lamb() => InPlace.Lamb(w, grad, a, b, 10, 1e-6);
}
