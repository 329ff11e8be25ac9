using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>An embedding's gradient and a step by it on the default device, dense and by rows: a small table, and a large one of which a step
/// touches few rows.</summary>
[MemoryDiagnoser]
public class EmbeddingBenchmarks
{
    private Tensor ids = null!, gradient = null!;
    private Embedding layer = null!;
    private Optimizer sgd = null!, adagrad = null!, adam = null!;

    /// <summary>Rows of the table, numbers of each, and ids of a batch.</summary>
    [Params("10000 x 64, 3200", "50000 x 300, 2000")]
    public string Table { get; set; } = "";

    /// <summary>Whether the gradient is kept as rows.</summary>
    [Params(false, true)]
    public bool Sparse { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Table.Split(" x ").SelectMany(part => part.Split(", ")).Select(int.Parse)];
        var rng = new Rng(1);
        layer = new Embedding(sizes[0], sizes[1], rng, sparse: Sparse);
        // Words come as often as the inverse of their rank.
        ids = Tensor.From([.. Enumerable.Range(0, sizes[2]).Select(_ => (int)Math.Pow(sizes[0], rng.NextFloat()) - 1)], [sizes[2]]);
        gradient = Tensor.Normal([sizes[2], sizes[1]], rng);
        (sgd, adagrad, adam) = (new Sgd(layer.Parameters, 1e-6), new Adagrad(layer.Parameters, 1e-6), new Adam(layer.Parameters, 1e-6));
    }

    [Benchmark]
    public void Lookup() => InScope(() => Forward());

    [Benchmark]
    public void Gradient() => InScope(() => Forward().Backward(gradient));

    [Benchmark]
    public void SgdStep() => InScope(() => Step(sgd));

    [Benchmark]
    public void AdagradStep() => InScope(() => Step(adagrad));

    [Benchmark]
    public void AdamStep() => InScope(() => Step(adam));

    private Tensor Forward() => layer.Forward(ids, Pass.Train(new Rng(1)));

    private void Step(Optimizer optimizer)
    {
        Forward().Backward(gradient);
        optimizer.Step();
    }

    private void InScope(Action work)
    {
        using var scope = Device.Cpu.Scope();
        layer.ZeroGrad();
        work();
    }
}
