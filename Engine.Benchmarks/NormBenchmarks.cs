using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Normalisation of rows on the default device, at the sizes of a transformer's tokens and of a convolution's images; and rotary positions.</summary>
[MemoryDiagnoser]
public class NormBenchmarks
{
    private Tensor x = null!, residual = null!, weight = null!, bias = null!, dy = null!, images = null!, imageGradient = null!, channelWeight = null!, table = null!;

    /// <summary>BERT mini's batch of 8 texts of 128 tokens, and BERT base's.</summary>
    [Params(256, 768)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Make()
    {
        (x, residual, dy) = (Normal(1, 8, 128, Width), Normal(2, 8, 128, Width), Normal(3, 8, 128, Width));
        (weight, bias) = (Normal(4, Width), Normal(5, Width));
        (images, imageGradient, channelWeight) = (Normal(6, 8, 32, 28, 28), Normal(7, 8, 32, 28, 28), Normal(8, 32));
        table = Tensor.RotaryTable(128, 64);
    }

    [Benchmark]
    public void LayerNorm() => InScope(() => x.LayerNorm(weight, bias));

    [Benchmark]
    public void RmsNorm() => InScope(() => x.RmsNorm(weight));

    [Benchmark]
    public void AddLayerNorm() => InScope(() => x.AddLayerNorm(residual, weight, bias));

    [Benchmark]
    public void AddThenLayerNorm() => InScope(() => (x + residual).LayerNorm(weight, bias));

    /// <summary>The same as primitives.</summary>
    [Benchmark]
    public void LayerNormOfOps() => InScope(() => OfOps(x, weight, bias));

    [Benchmark]
    public void LayerNormAndBackward() => AndBackward((x, w, b) => x.LayerNorm(w, b));

    [Benchmark]
    public void LayerNormOfOpsAndBackward() => AndBackward(OfOps);

    [Benchmark]
    public void GroupNorm() => InScope(() => images.GroupNorm(8, channelWeight, channelWeight));

    [Benchmark]
    public void GroupNormAndBackward()
    {
        Tensor v = images.Detach().WithGrad(), w = channelWeight.Detach().WithGrad();
        using var scope = Device.Cpu.Scope();
        v.GroupNorm(8, w, channelWeight).Backward(imageGradient);
    }

    [Benchmark]
    public void Rotary() => InScope(() => x.Rotary(Width / 64, table));

    [Benchmark]
    public void RotaryOfNeighbours() => InScope(() => x.Rotary(Width / 64, table, halves: false));

    private static Tensor OfOps(Tensor x, Tensor w, Tensor b)
    {
        var centered = x - x.Mean([-1], keepDims: true);
        return centered / ((centered * centered).Mean([-1], keepDims: true) + 1e-5).Sqrt() * w + b;
    }

    private void AndBackward(Func<Tensor, Tensor, Tensor, Tensor> norm)
    {
        Tensor v = x.Detach().WithGrad(), w = weight.Detach().WithGrad(), b = bias.Detach().WithGrad();
        using var scope = Device.Cpu.Scope();
        norm(v, w, b).Backward(dy);
    }

    private static void InScope(Func<Tensor> work)
    {
        using var scope = Device.Cpu.Scope();
        work();
    }

    private static Tensor Normal(ulong seed, params int[] shape) => Tensor.Normal(shape, new Rng(seed));
}
