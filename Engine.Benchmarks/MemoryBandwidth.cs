using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Benchmarks;

/// <summary>How many bytes this machine can move at all, measured: from the caches for little, from memory for much.</summary>
internal static unsafe class MemoryBandwidth
{
    private const long AtOnce = 64 << 20;                           // bytes that a measurement moves at least, so that starting threads does not count

    /// <summary>GB/s of the better of a stream of reads and of a triad (a = b + s·c, which moves three streams), each thread in its own part.</summary>
    /// <param name="bytes">All that the loop goes through, again and again.</param>
    /// <param name="threads">How many share it.</param>
    public static double GigaBytes(long bytes, int threads)
    {
        long each = Math.Max(bytes / threads / sizeof(float), 3 * 8 * Vector<float>.Count);
        var memory = new nint[threads];
        try
        {
            for (int i = 0; i < threads; i++)
            {
                memory[i] = (nint)NativeMemory.AlignedAlloc((nuint)(each * sizeof(float)), 64);
                new Span<float>((void*)memory[i], (int)each).Fill(1);
            }
            int rounds = (int)Math.Max(1, AtOnce / bytes);
            return Math.Max(Measure(Read), Measure(Triad));

            double Measure(Func<nint, long, int, float> loop)
            {
                double best = double.MaxValue;
                for (int run = 0; run < 5; run++)
                {
                    long start = Stopwatch.GetTimestamp();
                    var others = Enumerable.Range(1, threads - 1).Select(i => new Thread(() => loop(memory[i], each, rounds))).ToArray();
                    foreach (var thread in others) thread.Start();
                    loop(memory[0], each, rounds);
                    foreach (var thread in others) thread.Join();
                    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
                return (double)each * sizeof(float) * threads * rounds / best / 1e9;
            }
        }
        finally
        {
            foreach (nint part in memory) NativeMemory.AlignedFree((void*)part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Read(nint memory, long count, int rounds)
    {
        var x = (float*)memory;
        int step = Vector<float>.Count;
        Vector<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int round = 0; round < rounds; round++)
            for (long i = 0; i <= count - 8 * step; i += 8 * step)
            {
                a += Vector.Load(x + i);
                b += Vector.Load(x + i + step);
                c += Vector.Load(x + i + 2 * step);
                d += Vector.Load(x + i + 3 * step);
                e += Vector.Load(x + i + 4 * step);
                f += Vector.Load(x + i + 5 * step);
                g += Vector.Load(x + i + 6 * step);
                h += Vector.Load(x + i + 7 * step);
            }
        return Vector.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Triad(nint memory, long count, int rounds)
    {
        long third = count / 3 / 16 * 16;
        float* a = (float*)memory, b = a + third, c = b + third;
        int step = Vector<float>.Count;
        var s = new Vector<float>(0.5f);
        for (int round = 0; round < rounds; round++)
            for (long i = 0; i <= third - 2 * step; i += 2 * step)
            {
                (Vector.Load(b + i) + s * Vector.Load(c + i)).Store(a + i);
                (Vector.Load(b + i + step) + s * Vector.Load(c + i + step)).Store(a + i + step);
            }
        return a[0];
    }
}
