using BenchmarkDotNet.Attributes;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>A recurrent layer of 128 units on 64 channels: one step, and sequences of 100 steps, forward alone and with the gradients.</summary>
[MemoryDiagnoser]
public class RecurrentBenchmarks
{
    private const int Units = 128, Channels = 64;

    private readonly CpuDevice device = new();
    private Tensor x = null!, w = null!, v = null!, bx = null!, bh = null!;
    private SequenceLayout layout = null!;

    [Params("Lstm", "Gru", "Rnn")]
    public string Cell { get; set; } = "";

    [Params(1, 32)]
    public int Batch { get; set; }

    /// <summary>One step is a cell; −100 a packed batch whose lengths go from 100 down, half empty.</summary>
    [Params(1, 100, -100)]
    public int Steps { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var rng = new Rng(1);
        int rows = Units * Cell switch { "Lstm" => 4, "Gru" => 3, _ => 1 };
        layout = Steps > 0 ? SequenceLayout.Padded(Batch, Steps) : SequenceLayout.Packed([.. Enumerable.Range(0, Batch).Select(b => Math.Max(1, -Steps * (Batch - b) / Batch))]);
        x = Make(layout.Rows, Channels);
        w = Make(rows, Channels);
        v = Make(rows, Units);
        bx = Make(rows);
        bh = Make(rows);

        Tensor Make(params int[] shape) => (Tensor.Normal(shape, rng) * 0.1).To(device).WithGrad();
    }

    [Benchmark]
    public void Forward()
    {
        using var scope = device.Scope("the run");
        using var noGrad = NoGrad.Begin();
        Run();
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using var scope = device.Scope("the run");
        var y = Run();
        Autograd.Gradients((y * y).Sum(), [x, w, v, bx, bh]);
    }

    private Tensor Run() => (Cell switch
    {
        "Lstm" => x.Lstm(w, v, bx, bh, layout),
        "Gru" => x.Gru(w, v, bx, bh, layout),
        _ => x.Rnn(w, v, bx, bh, layout),
    }).Outputs;
}
