using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>One more token of a text, after 10 and after 1,000: <c>examples -- gpt</c>'s network with room for more text, and one of the smallest GPT-2's sizes; weights
/// are drawn.</summary>
[MemoryDiagnoser]
public class GenerationBenchmarks
{
    private GptText text = null!;

    [Params(10, 1000)]
    public int Position { get; set; }

    [Params(128, 768)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Setup() => text = new GptText(GptText.Model(Width, Device.Cpu), Position);

    [Benchmark]
    public void Token() => text.Token();
}

/// <summary>One token drawn from 50,257.</summary>
[MemoryDiagnoser]
public class TokenSamplerBenchmarks
{
    private readonly Tensor logits = Tensor.Normal([1, 50257], new Rng(1)) * 3;
    private readonly Rng rng = new(2);
    private readonly TokenSampler all = new(0.8), topK = new(0.8, 50), topP = new(0.8, topP: 0.9);

    [Benchmark(Baseline = true)]
    public int[] All() => all.Draw(logits, rng);

    [Benchmark]
    public int[] TopK() => topK.Draw(logits, rng);

    [Benchmark]
    public int[] TopP() => topP.Draw(logits, rng);
}

/// <summary>A training step of <c>examples -- gpt</c>: 12 blocks of 64, 4 layers of width 128, forward, loss, backward, clipping and AdamW.</summary>
[MemoryDiagnoser]
public class GptStepBenchmarks
{
    private GptStep step = null!;

    [GlobalSetup]
    public void Setup() => step = new GptStep(Device.Cpu);

    [Benchmark]
    public double Train() => step.Run();
}
