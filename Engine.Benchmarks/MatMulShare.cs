using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>How near MatMul comes to the machine's peak.</summary>
internal static class MatMulShare
{
    /// <summary>Prints the peak on one thread and on all, and MatMul's share of it in the same run.</summary>
    /// <param name="name">A GPU by its name, whose peak is not known; or nothing: the processor.</param>
    public static void Print(string? name)
    {
        if (name is not null)
        {
            using var gpu = GpuDevice.Open(name);
            Console.WriteLine(gpu);
            foreach (var (product, sizes, b, c) in Products()) Console.WriteLine($"{product}: {MatMul(gpu, sizes, b, c):F1} GFLOP/s");
            return;
        }
        Console.WriteLine(Device.Cpu.Description);
        Console.WriteLine();
        Console.WriteLine("| threads | product | GFLOP/s | FMA peak, before and after | share |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            using var device = new CpuDevice(threads);
            foreach (var (product, sizes, b, c) in Products())
            {
                double before = FmaPeak.GigaFlops(threads), reached = MatMul(device, sizes, b, c), after = FmaPeak.GigaFlops(threads), peak = Math.Max(before, after);
                Console.WriteLine($"| {threads} | {product} | {reached:F1} | {before:F1}, {after:F1} | {reached / peak:P0} |");
            }
        }
    }

    /// <summary>Squares; the dense layers of the digits network on a batch of 32 and of BERT-base on 128 tokens: their weights lie (out, in).</summary>
    private static IEnumerable<(string Name, MatMulSizes Sizes, bool TransposedB, bool TransposedC)> Products()
    {
        foreach (int n in new[] { 64, 128, 256, 512, 1024, 2048 }) yield return ($"{n}×{n} · {n}×{n}", new(n, n, n), false, false);
        foreach (var (inputs, outputs) in new[] { (1600, 128), (128, 10) })
        {
            yield return ($"y = x·Wᵀ, {inputs} to {outputs}", new(32, outputs, inputs), true, false);
            yield return ($"dx = dy·W, {inputs} to {outputs}", new(32, inputs, outputs), false, false);
            yield return ($"dW = (xᵀ·dy)ᵀ, {inputs} to {outputs}", new(inputs, outputs, 32), false, true);
        }
        foreach (var (inputs, outputs) in new[] { (768, 768), (768, 3072), (3072, 768) }) yield return ($"128 rows, {inputs} to {outputs}", new(128, outputs, inputs), true, false);
        yield return ("one row, 1024×1024", new(1, 1024, 1024), false, false);
        yield return ("one row, 1024×1024 transposed", new(1, 1024, 1024), true, false);
        yield return ("one column, 1024×1024", new(1024, 1, 1024), false, false);
    }

    private static double MatMul(Device device, MatMulSizes sizes, bool transposedB, bool transposedC)
    {
        var (m, n, k) = (sizes.M, sizes.N, sizes.K);
        Matrices a = new(Random(m * k), k, 1), b = new(Random(n * k), n, 1), c = new(Random(m * n), n, 1);
        if (transposedB) b = new(b.Data, 1, k);
        if (transposedC) (a, c) = (new(a.Data, 1, m), new(c.Data, 1, m));
        int repeat = (int)Math.Clamp(100_000_000 / sizes.Flops, 1, 10_000);
        return repeat * sizes.Flops / 1e9 / Clock.Best(() =>
        {
            for (int i = 0; i < repeat; i++) device.MatMul(a, b, c, sizes);
            device.Synchronize();
        });

        View Random(int length)
        {
            var storage = device.Allocate(DType.Float32, length);
            device.Upload(Array.ConvertAll(Enumerable.Range(0, length).ToArray(), i => i * 37 % 101 / 50.0 - 1), new View(storage));
            return new View(storage);
        }
    }
}
