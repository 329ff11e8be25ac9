using BenchmarkDotNet.Attributes;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Max and average pooling and their gradients on the default device.</summary>
[MemoryDiagnoser]
public class Pool2dBenchmarks
{
    private Device device = null!;
    private View x, y, dx, argmax;

    /// <summary>The digits network's two poolings at batch 32; a residual network's first and last.</summary>
    public IEnumerable<Pool2dSizes> Shapes
        => [new(32 * 32, 26, 26, 2, 2, 2, 2), new(32 * 64, 11, 11, 2, 2, 2, 2), new(4 * 64, 112, 112, 3, 3, 2, 2, 1, 1), new(8 * 512, 7, 7, 7, 7, 7, 7)];

    [ParamsSource(nameof(Shapes))]
    public Pool2dSizes Sizes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        device = Device.Cpu;
        x = Conv2dBenchmarks.Make(device, Sizes.Planes * Sizes.H * Sizes.W);
        y = Conv2dBenchmarks.Make(device, Sizes.Planes * Sizes.P * Sizes.Q);
        dx = Conv2dBenchmarks.Make(device, x.Length);
        argmax = new View(device.Allocate(DType.Int32, y.Length));
        Max();
    }

    [Benchmark]
    public void Max() => device.MaxPool2dForward(x, y, Sizes, argmax);

    [Benchmark]
    public void MaxBackward() => device.MaxPool2dBackward(argmax, y, dx, Sizes);

    [Benchmark]
    public void Average() => device.AvgPool2dForward(x, y, Sizes, countPadding: true);

    [Benchmark]
    public void AverageBackward() => device.AvgPool2dBackward(y, dx, Sizes, countPadding: true);
}
