using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Convolution with bias and Relu, and its three gradients, on the default device.</summary>
[MemoryDiagnoser]
public class Conv2dBenchmarks
{
    private Device device = null!;
    private View x, w, b, y, dx, dw, db;

    /// <summary>The digits network's two layers at batch 32; layers of residual networks; strided, pointwise and depthwise ones.</summary>
    public IEnumerable<Conv2dSizes> Shapes => Digits.Concat(Residual).Concat(Others);

    internal static IEnumerable<Conv2dSizes> Digits => [new(32, 1, 28, 28, 32, 3, 3), new(32, 32, 13, 13, 64, 3, 3)];

    /// <summary>The 3×3 layers of ResNet-18, in its CIFAR form and in its ImageNet form.</summary>
    internal static IEnumerable<Conv2dSizes> Residual
        => new[] { (32, 64, 32), (32, 128, 16), (32, 256, 8), (32, 512, 4), (8, 64, 56), (8, 128, 28), (8, 256, 14), (8, 512, 7) }
            .Select(l => new Conv2dSizes(l.Item1, l.Item2, l.Item3, l.Item3, l.Item2, 3, 3, PadH: 1, PadW: 1));

    internal static IEnumerable<Conv2dSizes> Others
        => [new(4, 64, 56, 56, 128, 3, 3, 2, 2, 1, 1),
            new(2, 3, 224, 224, 64, 7, 7, 2, 2, 3, 3), new(4, 256, 28, 28, 256, 1, 1), new(4, 256, 28, 28, 512, 1, 1, 2, 2),
            new(4, 128, 28, 28, 128, 3, 3, PadH: 1, PadW: 1, Groups: 128), new(8, 64, 56, 56, 64, 3, 3, 2, 2, 1, 1, Groups: 64), new(4, 128, 28, 28, 128, 5, 5, PadH: 2, PadW: 2, Groups: 128)];

    [ParamsSource(nameof(Shapes))]
    public Conv2dSizes Sizes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        device = Device.Cpu;
        (x, w, y) = (Make(device, Sizes.N * Sizes.C * Sizes.H * Sizes.W), Make(device, Sizes.K * Sizes.Taps), Make(device, Sizes.N * Sizes.K * Sizes.Pixels));
        (b, dx, dw, db) = (Make(device, Sizes.K), Make(device, x.Length), Make(device, w.Length), Make(device, Sizes.K));
    }

    [Benchmark]
    public void Forward() => device.Conv2dForward(x, w, y, Sizes, b, Activation.Relu);

    [Benchmark]
    public void BackwardInput() => device.Conv2dBackwardInput(w, y, dx, Sizes);

    [Benchmark]
    public void BackwardWeight() => device.Conv2dBackwardWeight(x, y, dw, Sizes);

    [Benchmark]
    public void BackwardBias() => device.Conv2dBackwardBias(y, db, Sizes);

    /// <summary>Prints what share of the FMA peak each kernel reaches, both measured in one run: the direct method's operations over the time, so that
    /// Winograd's products may pass 100 %.</summary>
    internal static void PrintPeak()
    {
        Console.WriteLine("| threads | convolution | kernel | ms | GFLOP/s | the direct method's share of the FMA peak |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            using var device = new CpuDevice(threads);
            foreach (var z in Digits.Concat(Residual).Concat(Others))
            {
                View x = Make(device, z.N * z.C * z.H * z.W), w = Make(device, z.K * z.Taps), b = Make(device, z.K), y = Make(device, z.N * z.K * z.Pixels);
                View dx = Make(device, x.Length), dw = Make(device, w.Length);
                Print("forward, bias, Relu", () => device.Conv2dForward(x, w, y, z, b, Activation.Relu));
                Print("backward input", () => device.Conv2dBackwardInput(w, y, dx, z));
                Print("backward weight", () => device.Conv2dBackwardWeight(x, y, dw, z));

                void Print(string kernel, Action call)
                {
                    Clock.Best(call, atLeast: 0.3);                 // until the compiler has seen how it is used
                    double before = FmaPeak.GigaFlops(threads), seconds = Clock.Best(call), after = FmaPeak.GigaFlops(threads);
                    string stride = z.StrideH > 1 ? $", stride {z.StrideH}" : "", groups = z.Groups > 1 ? $", {z.Groups} groups" : "";
                    Console.WriteLine($"| {threads} | ({z.N}, {z.C}, {z.H}, {z.W}) · ({z.K}, {z.GroupC}, {z.R}, {z.S}){stride}{groups} | {kernel} | {seconds * 1e3:F3} | {z.Flops / seconds / 1e9:F0} | {z.Flops / seconds / 1e9 / Math.Max(before, after):P0} |");
                }
            }
        }
    }

    internal static View Make(Device device, int length)
    {
        var view = new View(device.Allocate(DType.Float32, length));
        device.Upload(Array.ConvertAll(Enumerable.Range(0, length).ToArray(), i => i * 37 % 101 / 50.0 - 1), view);
        return view;
    }
}
