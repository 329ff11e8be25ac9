using BenchmarkDotNet.Attributes;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Poolings to a given size whose windows are not alike, on the default device.</summary>
[MemoryDiagnoser]
public class AdaptivePool2dBenchmarks
{
    private Device device = null!;
    private View x, y, dx, argmax;

    /// <summary>A detector's pooling to 7×7, and one of few large planes.</summary>
    public IEnumerable<AdaptivePool2dSizes> Shapes => [new(32 * 64, 26, 26, 7, 7), new(3, 1000, 1000, 224, 224)];

    [ParamsSource(nameof(Shapes))]
    public AdaptivePool2dSizes Sizes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        device = Device.Cpu;
        x = Conv2dBenchmarks.Make(device, Sizes.Planes * Sizes.H * Sizes.W);
        y = Conv2dBenchmarks.Make(device, Sizes.Planes * Sizes.P * Sizes.Q);
        dx = Conv2dBenchmarks.Make(device, x.Length);
        argmax = new View(device.Allocate(DType.Int32, y.Length));
    }

    [Benchmark]
    public void Max() => device.AdaptiveMaxPool2dForward(x, y, argmax, Sizes);

    [Benchmark]
    public void Average() => device.AdaptiveAvgPool2dForward(x, y, Sizes);

    [Benchmark]
    public void AverageBackward() => device.AdaptiveAvgPool2dBackward(y, dx, Sizes);
}
