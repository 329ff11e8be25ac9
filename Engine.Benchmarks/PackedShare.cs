using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>What a training step of recurrent layers costs where the batch's lengths are half empty, against the same batch without lengths: 32 sequences of up to
/// 100 steps of 64 numbers, gradients of the inputs too. The last states, and once every step's output, which stays packed.</summary>
public static class PackedShare
{
    private const int Batch = 32, Length = 100, Channels = 64, Units = 128;

    /// <param name="rounds">Steps of each, in turn, so that what else the machine does falls on both alike.</param>
    public static void Print(int rounds)
    {
        int[] lengths = [.. Enumerable.Range(0, Batch).Select(b => 1 + (b * 13 % Batch) * (Length - 1) / (Batch - 1))];
        Console.WriteLine($"{lengths.Sum():N0} of {Batch * Length:N0} steps, {Environment.ProcessorCount} cores, {rounds} rounds");
        foreach (var (name, make) in new (string, Func<Rng, Layer>)[]
        {
            ("Rnn", rng => new Rnn(Channels, Units, rng, returnSequences: false)),
            ("Gru", rng => new Gru(Channels, Units, rng, returnSequences: false)),
            ("Lstm", rng => new Lstm(Channels, Units, rng, returnSequences: false)),
            ("Lstm, every step, left packed", rng => new Lstm(Channels, Units, rng)),
            ("Lstm, two layers, both directions", rng => new Lstm(Channels, Units, rng, layers: 2, bidirectional: true, returnSequences: false)),
        })
        {
            var ratios = new double[rounds];
            using CpuDevice full = new(), half = new();
            Action padded = Step(make, full, null), packed = Step(make, half, lengths);
            for (int i = -2; i < rounds; i++)
            {
                double a = Seconds(padded), b = Seconds(packed);
                if (i >= 0) ratios[i] = b / a;
            }
            Array.Sort(ratios);
            Console.WriteLine($"{name,-36} time {ratios[rounds / 2]:P0} ({ratios[0]:P0} to {ratios[^1]:P0}), pool {half.BytesReserved:N0} of {full.BytesReserved:N0} bytes, {(double)half.BytesReserved / full.BytesReserved:P0}");
        }
    }

    private static Action Step(Func<Rng, Layer> make, Device device, int[]? lengths)
    {
        var layer = make(new Rng(1)).To(device);
        var x = Tensor.Normal([Batch, Length, Channels], new Rng(2)).To(device).WithGrad();
        return () =>
        {
            using var scope = device.Scope("a step");
            var pass = Pass.Train(new Rng(3));
            var y = lengths is not null && layer is Recurrent { ReturnSequences: true } all
                ? all.Run(PackedSequence.Pack(x, lengths), pass).Outputs.Rows
                : layer.Forward(x, pass.WithLengths(lengths));
            Autograd.Gradients((y * y).Sum(), [x, .. layer.Parameters.Select(p => p.Value)]);
        };
    }

    private static double Seconds(Action call)
    {
        long start = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
