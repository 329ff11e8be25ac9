using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Choosing, summing up and ordering a million numbers on the default device.</summary>
[MemoryDiagnoser]
public class SelectionBenchmarks
{
    private readonly Tensor square = Tensor.Normal([1024, 1024], new Rng(1));
    private readonly Tensor indices = Indices(1024, 1024, 1024);
    private readonly Tensor line = Tensor.Normal([1 << 20], new Rng(2));
    private readonly Tensor buckets = Tensor.Zeros([1000]);
    private readonly Tensor bucketOf = Indices(1000, 1 << 20);
    private readonly Tensor columns = Indices(1024, 512);
    private readonly Tensor mask = Indices(2, 1024, 1024).Cast(DType.UInt8);

    [Benchmark]
    public void GatherAlongRows() => InScope(() => square.Gather(1, indices));

    [Benchmark]
    public void GatherAlongColumns() => InScope(() => square.Gather(0, indices));

    [Benchmark]
    public void ScatterAlongRows() => InScope(() => square.Scatter(1, indices, square));

    [Benchmark]
    public void ScatterAddAlongColumns() => InScope(() => square.ScatterAdd(0, indices, square));

    [Benchmark]
    public void ScatterAddIntoBuckets() => InScope(() => buckets.ScatterAdd(0, bucketOf, line));

    [Benchmark]
    public void IndexSelectRows() => InScope(() => square.IndexSelect(0, columns));

    [Benchmark]
    public void IndexSelectColumns() => InScope(() => square.IndexSelect(1, columns));

    [Benchmark]
    public void MaskedFill() => InScope(() => square.MaskedFill(mask, 0));

    [Benchmark]
    public void CumulativeSumOfRows() => InScope(() => square.CumulativeSum(1));

    [Benchmark]
    public void CumulativeSumOfColumns() => InScope(() => square.CumulativeSum(0));

    [Benchmark]
    public void SortRows() => InScope(() => square.Sort().Values);

    [Benchmark]
    public void SortAMillion() => InScope(() => line.Sort().Values);

    [Benchmark]
    public void TopFiveOfRows() => InScope(() => square.TopK(5).Values);

    private static Tensor Indices(int below, params int[] shape)
    {
        var rng = new Rng(3);
        return Tensor.From([.. Enumerable.Range(0, new Shape(shape).Count).Select(_ => rng.NextInt(below))], shape);
    }

    private static void InScope(Func<Tensor> work)
    {
        using var scope = Device.Cpu.Scope();
        work();
    }
}
