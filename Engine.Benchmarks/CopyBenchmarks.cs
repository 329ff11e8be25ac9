using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Moving 4 MiB of numbers about on the default device: <see cref="Clone"/> is what memory gives, and the rest is held against it.</summary>
[MemoryDiagnoser]
public class CopyBenchmarks
{
    private Tensor square = null!, tall = null!, images = null!, heads = null!, row = null!, table = null!, indices = null!, gradient = null!;

    [GlobalSetup]
    public void Setup()
    {
        square = Tensor.Arange(1 << 20).Reshape(1024, 1024);
        tall = square.Reshape(1 << 18, 4);
        images = square.Reshape(16, 64, 32, 32);
        heads = square.Reshape(8, 256, 8, 64);
        row = Tensor.Arange(1024);
        table = Tensor.Zeros([30_000, 64]);
        var rng = new Rng(1);
        indices = Tensor.From([.. Enumerable.Range(0, 1 << 14).Select(_ => rng.NextInt(30_000))], [1 << 14]);
        gradient = square.Reshape(1 << 14, 64);
    }

    [Benchmark(Baseline = true)]
    public void Clone() => Scoped(() => square.Clone());

    [Benchmark]
    public void Transpose() => Scoped(() => square.Transpose());

    [Benchmark]
    public void TransposeFourColumns() => Scoped(() => tall.Transpose());

    [Benchmark]
    public void ImagesToChannelsLast() => Scoped(() => images.Permute(0, 2, 3, 1));

    [Benchmark]
    public void SplitHeads() => Scoped(() => heads.Permute(0, 2, 1, 3));

    [Benchmark]
    public void BroadcastRow() => Scoped(() => row.BroadcastTo([1024, 1024]));

    [Benchmark]
    public void SliceColumns() => Scoped(() => square[.., 1..^1]);

    [Benchmark]
    public void ConcatColumns() => Scoped(() => Tensor.Concat([square, square], 1));

    [Benchmark]
    public void FlipColumns() => Scoped(() => square.Flip(1));

    [Benchmark]
    public void RollColumns() => Scoped(() => square.Roll(100, 1));

    [Benchmark]
    public void PadImages() => Scoped(() => images.Pad([(1, 1), (1, 1)]));

    [Benchmark]
    public void PadImagesReflect() => Scoped(() => images.Pad([(1, 1), (1, 1)], PadMode.Reflect));

    [Benchmark]
    public void GatherRows() => Scoped(() => table.GatherRows(indices));

    [Benchmark]
    public void ScatterAddRows() => Device.Cpu.ScatterAddRows(gradient.View, indices.View, table.View, new RowSizes(30_000, 64, 1 << 14));

    private static void Scoped(Func<Tensor> make)
    {
        using var scope = Device.Cpu.Scope();
        make();
    }
}
