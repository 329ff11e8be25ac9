using BenchmarkDotNet.Attributes;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Convolution over time, which is that over images of one row; and the same as products of matrices over (N, L, C), whose rows are the
/// windows where they lie, overlapping. On the default device.</summary>
[MemoryDiagnoser]
public class Conv1dBenchmarks
{
    private Device device = null!;
    private View x, w, b, y, dx, dw, rows, products, drows;

    /// <summary>Kim's network on sentences of 56 words and of 22, padded by the window less 1; a sound's layers.</summary>
    public IEnumerable<Conv2dSizes> Shapes
        => [.. from s in new[] { 3, 4, 5 } from l in new[] { 56, 22 } select new Conv2dSizes(50, 300, 1, l, 100, 1, s, PadW: s - 1),
            new(8, 64, 1, 4000, 64, 1, 9, PadW: 4), new(8, 1, 1, 4000, 64, 1, 9, PadW: 4)];

    [ParamsSource(nameof(Shapes))]
    public Conv2dSizes Sizes { get; set; }

    // Windows over all the batch's padded steps: those that reach from one sequence into the next are made too, and not looked at.
    private int Windows => Sizes.N * (Sizes.W + 2 * Sizes.PadW) - Sizes.S + 1;

    [GlobalSetup]
    public void Setup()
    {
        device = Device.Cpu;
        var z = Sizes;
        (x, w, y) = (Make(z.N * z.C * z.W), Make(z.K * z.Taps), Make(z.N * z.K * z.Pixels));
        (b, dx, dw) = (Make(z.K), Make(x.Length), Make(w.Length));
        (rows, products, drows) = (Make((Windows + z.S - 1) * z.C), Make(Windows * z.K), Make((Windows + z.S - 1) * z.C));
        View Make(int length) => Conv2dBenchmarks.Make(device, length);
    }

    [Benchmark]
    public void Forward() => device.Conv2dForward(x, w, y, Sizes, b, Activation.Relu);

    [Benchmark]
    public void ForwardAsProduct()
        => device.MatMul(new(rows, Sizes.C, 1), new(w, 1, Sizes.Taps), new(products, Sizes.K, 1), new(Windows, Sizes.K, Sizes.Taps), b, Activation.Relu);

    [Benchmark]
    public void BackwardInput() => device.Conv2dBackwardInput(w, y, dx, Sizes);

    [Benchmark]
    public void BackwardInputAsProducts()
    {
        for (int s = 0; s < Sizes.S; s++)
            device.MatMul(new(products, Sizes.K, 1), new(From(w, s), Sizes.Taps, 1), new(From(drows, s), Sizes.C, 1), new(Windows, Sizes.C, Sizes.K), accumulate: s > 0);

        View From(View view, int tap) => new(view.Storage, view.Offset + tap * Sizes.C, view.Length - tap * Sizes.C);
    }

    [Benchmark]
    public void BackwardWeight() => device.Conv2dBackwardWeight(x, y, dw, Sizes);

    [Benchmark]
    public void BackwardWeightAsProduct()
        => device.MatMul(new(products, 1, Sizes.K), new(rows, Sizes.C, 1), new(dw, Sizes.Taps, 1), new(Sizes.K, Sizes.Taps, Windows));

    /// <summary>From (N, L, C), as an embedding gives it, to (N, C, L).</summary>
    [Benchmark]
    public void Transpose()
        => device.StridedCopy(x, dx, CopySizes.Merge([Sizes.N, Sizes.C, Sizes.W], [Sizes.C * Sizes.W, 1, Sizes.C], [Sizes.C * Sizes.W, Sizes.W, 1]));
}
