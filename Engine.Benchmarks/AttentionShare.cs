using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>What attention costs: its time for 4 × 8 × 512 × 64, the pool's bytes as the length grows, and a token's time as the cache does.</summary>
internal static class AttentionShare
{
    private const int Batch = 4, Heads = 8, Length = 512, Size = 64, Width = Heads * Size;

    /// <param name="rounds">Runs of each, of which the best and the median are printed.</param>
    public static void Print(int rounds)
    {
        Console.WriteLine(Device.Cpu.Description);
        Console.WriteLine($"{Batch} x {Heads} x {Length} x {Size}, {rounds} runs, ms:");
        var device = Device.Cpu;
        Tensor q = Make(1), k = Make(2), v = Make(3), dy = Make(4).Detach();
        AttentionOptions all = new(), causal = new() { Causal = true }, dropout = new() { Dropout = 0.1, Rng = new Rng(5) };
        var flags = Tensor.From((byte[])[.. Enumerable.Range(0, Length * Length).Select(i => (byte)(i % 7 > 0 ? 1 : 0))], [Length, Length], device);
        foreach (var (name, options, mask) in new[] { ("all", all, null), ("causal", causal, null), ("flags", all, flags), ("dropout 0.1", dropout, null) })
        {
            Report($"{name}, forward", () => q.Detach().Attention(k.Detach(), v.Detach(), Heads, options, mask));
            Report($"{name}, forward and backward", () => Autograd.Gradients((q.Attention(k, v, Heads, options, mask) * dy).Sum(), [q, k, v]));
        }
        Console.WriteLine();
        Console.WriteLine($"Pool, 1 x {Heads} x T x {Size}, forward and backward, inputs and gradients included:");
        foreach (int length in new[] { 1024, 2048, 4096, 8192 })
        {
            using var own = new CpuDevice();
            var x = Tensor.Normal([1, length, 3 * Width], new Rng(6)).To(own).WithGrad();
            using var scope = own.Scope();
            Autograd.Gradients(x.SelfAttention(Heads).Sum(), [x]);
            Console.WriteLine($"T {length,5}: {own.BytesReserved,12:N0} bytes, {(double)own.BytesReserved / length:N0} a place");
        }
        Console.WriteLine();
        Console.WriteLine($"One token of 1 x 12 x {Size} against a cache of 1,024 places:");
        Tensor token = Tensor.Normal([1, 1, 12 * Size], new Rng(7)), cacheK = Tensor.Normal([1, 1024, 12 * Size], new Rng(8)), cacheV = Tensor.Normal([1, 1024, 12 * Size], new Rng(9));
        foreach (int at in new[] { 10, 1000 })
            Report($"at place {at}", () =>
            {
                for (int i = 0; i < 100; i++) token.Attention(cacheK, cacheV, 12, new() { Causal = true, Past = at });
            }, 100);

        Tensor Make(ulong seed) => Tensor.Normal([Batch, Length, Width], new Rng(seed)).To(device).WithGrad();

        void Report(string what, Action call, int times = 1)
        {
            var ms = new double[rounds];
            for (int i = -3; i < rounds; i++)
            {
                using var scope = device.Scope();
                long start = Stopwatch.GetTimestamp();
                call();
                if (i >= 0) ms[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / times;
            }
            Array.Sort(ms);
            Console.WriteLine($"{what,-30} best {ms[0]:0.000}, median {ms[rounds / 2]:0.000}");
        }
    }
}
