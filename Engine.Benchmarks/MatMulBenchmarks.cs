using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>C = A·B on the default device, and the gradient's two products.</summary>
[MemoryDiagnoser]
public class MatMulBenchmarks
{
    private Tensor a = null!, b = null!, dc = null!;

    /// <summary>M×K by K×N: squares, and the dense layers of the digits network with a batch of 32.</summary>
    public IEnumerable<MatMulSizes> Shapes
        => [new(256, 256, 256), new(512, 512, 512), new(1024, 1024, 1024), new(32, 128, 1600), new(32, 10, 128), new(1, 1024, 1024)];

    [ParamsSource(nameof(Shapes))]
    public MatMulSizes Sizes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        a = Make(Sizes.M, Sizes.K);
        b = Make(Sizes.K, Sizes.N);
        dc = Make(Sizes.M, Sizes.N);
    }

    [Benchmark]
    public void Forward()
    {
        using var scope = Device.Cpu.Scope();
        a.MatMul(b);
    }

    [Benchmark]
    public void GradientOfA()
    {
        using var scope = Device.Cpu.Scope();
        dc.MatMul(b, transposeOther: true);
    }

    [Benchmark]
    public void GradientOfB()
    {
        using var scope = Device.Cpu.Scope();
        a.MatMul(dc, transposeThis: true);
    }

    private static Tensor Make(int rows, int columns)
        => Tensor.From([.. Enumerable.Range(0, rows * columns).Select(i => i * 37 % 101 / 50f - 1)], [rows, columns]);
}
