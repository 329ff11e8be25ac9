using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Attention of 4 × 8 × 512 × 64, and one token's against a cache of 1,000 places.</summary>
[MemoryDiagnoser]
public class AttentionBenchmarks
{
    private const int Heads = 8;

    private readonly Tensor q = Make(1), k = Make(2), v = Make(3), qkv = Tensor.Normal([4, 512, 3 * 512], new Rng(4)).WithGrad();
    private readonly Tensor token = Tensor.Normal([1, 1, 768], new Rng(5)), keys = Tensor.Normal([1, 1024, 768], new Rng(6)), values = Tensor.Normal([1, 1024, 768], new Rng(7));
    private readonly Tensor groupedKeys = Tensor.Normal([1, 1024, 256], new Rng(8)), groupedValues = Tensor.Normal([1, 1024, 256], new Rng(9));

    [Params(false, true)]
    public bool Causal { get; set; }

    private AttentionOptions Options => new() { Causal = Causal };

    [Benchmark]
    public void Forward() => InScope(() => q.Detach().Attention(k.Detach(), v.Detach(), Heads, Options));

    [Benchmark]
    public void ForwardAndBackward() => InScope(() => Autograd.Gradients(q.Attention(k, v, Heads, Options).Sum(), [q, k, v]));

    /// <summary>What there was before the kernel: two products, a softmax, and the weights in memory.</summary>
    [Benchmark]
    public void ForwardAndBackwardByProducts() => InScope(() =>
    {
        var scores = Cut(q).MatMul(Cut(k), transposeOther: true) * 0.125;
        if (Causal) scores += Tensor.Full([512, 512], -1e9).Triu(1);
        return Autograd.Gradients(scores.Softmax().MatMul(Cut(v)).Permute(0, 2, 1, 3).Reshape(4, 512, 512).Sum(), [q, k, v]);
    });

    [Benchmark]
    public void SelfForwardAndBackward() => InScope(() => Autograd.Gradients(qkv.SelfAttention(Heads, Options).Sum(), [qkv]));

    [Benchmark]
    public void ForwardAndBackwardWithDropout()
        => InScope(() => Autograd.Gradients(q.Attention(k, v, Heads, Options with { Dropout = 0.1, Rng = new Rng(1) }).Sum(), [q, k, v]));

    [Benchmark]
    public void Token() => InScope(() => token.Attention(keys, values, 12, new() { Causal = true, Past = 1000 }));

    [Benchmark]
    public void TokenGrouped() => InScope(() => token.Attention(groupedKeys, groupedValues, 12, new() { KeyHeads = 4, Causal = true, Past = 1000 }));

    private static Tensor Make(ulong seed) => Tensor.Normal([4, 512, 512], new Rng(seed)).WithGrad();

    private static Tensor Cut(Tensor x) => x.Reshape(4, 512, Heads, 64).Permute(0, 2, 1, 3);

    private static void InScope(Func<object> work)
    {
        using var scope = Device.Cpu.Scope();
        work();
    }
}
