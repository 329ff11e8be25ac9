using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>The README's network at batch 32: forward, cross-entropy, backward and Adam; and forward alone.</summary>
[MemoryDiagnoser]
public class TrainStepBenchmarks
{
    private ArticleStep step = null!;

    [GlobalSetup]
    public void Setup() => step = ArticleStep.Cnn(Device.Cpu, 32);

    [Benchmark(Baseline = true)]
    public double Scoped() => step.Scoped();

    [Benchmark]
    public double Bare() => step.Bare();

    [Benchmark]
    public Tensor Predict() => step.Predict();
}

/// <summary>The article's LSTM over 100 steps: forward, cross-entropy, backward and Adam; and forward alone.</summary>
[MemoryDiagnoser]
public class LstmStepBenchmarks
{
    private ArticleStep step = null!;

    [Params(1, 32)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup() => step = ArticleStep.Lstm(Device.Cpu, Batch);

    [Benchmark]
    public double Train() => step.Scoped();

    [Benchmark]
    public Tensor Predict() => step.Predict();
}
