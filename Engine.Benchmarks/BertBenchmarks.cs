using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>BERT-base's vectors of one sequence. Goal: 220 ms or less for 128 tokens on two quiet cores.</summary>
[MemoryDiagnoser]
public class BertEncoderBenchmarks
{
    private BertModel model = null!;
    private Tensor ids = null!;

    [Params(16, 128, 512)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => (model, ids) = Make(Length, Device.Cpu);

    [Benchmark]
    public Tensor Encode() => model.Predict(ids);

    public static (BertModel Model, Tensor Ids) Make(int length, Device device)
        => (new BertModel(BertConfig.Base, new Rng(1)).To(device), Tensor.From([.. Enumerable.Range(0, length).Select(i => 1000 + i * 7919 % 29_000)], [1, length], device));
}

/// <summary>A training step of BERT mini. Goal: 450 ms or less on two quiet cores.</summary>
[MemoryDiagnoser]
public class BertStepBenchmarks
{
    private BertStep step = null!;

    [GlobalSetup]
    public void Setup() => step = new BertStep(Device.Cpu);

    [Benchmark]
    public double Train() => step.Run();
}
