using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>How many multiplications and additions this machine can do at all, measured, and how near to it MatMul comes.</summary>
internal static class FmaPeak
{
    private const int Turns = 1_000_000;

    /// <summary>Prints the peak on one thread and on all, and MatMul's share of it in the same run.</summary>
    public static void Print()
    {
        Console.WriteLine($"{Device.Cpu.Description}");
        Console.WriteLine();
        Console.WriteLine("| threads | product | GFLOP/s | FMA peak, before and after | share |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            using var device = new CpuDevice(threads);
            foreach (var (name, sizes, b, c) in Products())
            {
                double before = GigaFlops(threads), reached = MatMul(device, sizes, b, c), after = GigaFlops(threads), peak = Math.Max(before, after);
                Console.WriteLine($"| {threads} | {name} | {reached:F1} | {before:F1}, {after:F1} | {reached / peak:P0} |");
            }
        }
    }

    /// <summary>Squares, and the dense layers of the digits network on a batch of 32: their weights lie (out, in).</summary>
    private static IEnumerable<(string Name, MatMulSizes Sizes, bool TransposedB, bool TransposedC)> Products()
    {
        foreach (int n in new[] { 256, 512, 1024 }) yield return ($"{n}×{n} · {n}×{n}", new(n, n, n), false, false);
        foreach (var (inputs, outputs) in new[] { (1600, 128), (128, 10) })
        {
            yield return ($"y = x·Wᵀ, {inputs} to {outputs}", new(32, outputs, inputs), true, false);
            yield return ($"dx = dy·W, {inputs} to {outputs}", new(32, inputs, outputs), false, false);
            yield return ($"dW = (xᵀ·dy)ᵀ, {inputs} to {outputs}", new(inputs, outputs, 32), false, true);
        }
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
        });

        View Random(int length)
        {
            var storage = device.Allocate(DType.Float32, length);
            device.Upload(Array.ConvertAll(Enumerable.Range(0, length).ToArray(), i => i * 37 % 101 / 50.0 - 1), new View(storage));
            return new View(storage);
        }
    }

    /// <summary>GFLOP/s of independent fused multiply-adds in registers.</summary>
    public static double GigaFlops(int threads)
    {
        Func<float> loop = Vector512.IsHardwareAccelerated ? Loop512 : Avx2.IsSupported && Fma.IsSupported ? Loop256 : Loop128;
        int width = Vector512.IsHardwareAccelerated ? 16 : Avx2.IsSupported && Fma.IsSupported ? 8 : 4;
        double seconds = Clock.Best(() =>
        {
            var others = Enumerable.Range(1, threads - 1).Select(_ => new Thread(() => loop())).ToArray();
            foreach (var thread in others) thread.Start();
            loop();
            foreach (var thread in others) thread.Join();
        }, runs: 7, atLeast: 0);
        return 2.0 * 12 * width * Turns * threads / seconds / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop512()
    {
        Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector512<float> g = default, h = default, i = default, j = default, k = default, l = default;
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(1f);
        for (int turn = 0; turn < Turns; turn++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop256()
    {
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<float> g = default, h = default, i = default, j = default, k = default, l = default;
        Vector256<float> x = Vector256.Create(0.5f), y = Vector256.Create(1f);
        for (int turn = 0; turn < Turns; turn++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop128()
    {
        Vector128<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector128<float> g = default, h = default, i = default, j = default, k = default, l = default;
        Vector128<float> x = Vector128.Create(0.5f), y = Vector128.Create(1f);
        for (int turn = 0; turn < Turns; turn++)
        {
            a = a * x + y;
            b = b * x + y;
            c = c * x + y;
            d = d * x + y;
            e = e * x + y;
            f = f * x + y;
            g = g * x + y;
            h = h * x + y;
            i = i * x + y;
            j = j * x + y;
            k = k * x + y;
            l = l * x + y;
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
