using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of whole rows that one thread takes at a time: some microseconds of exponentials.</summary>
    private const int SoftmaxGrain = 8192;

    private protected override void SoftmaxForwardCore(View x, View y, int rows, int columns, bool log)
    {
        nint px = (nint)Floats(x), py = (nint)Floats(y);
        workers.For(rows, Math.Max(1, SoftmaxGrain / columns), (begin, end) =>
        {
            for (long row = begin; row < end; row++) SoftmaxRow((float*)px + row * columns, (float*)py + row * columns, columns, log);
        });
    }

    private protected override void SoftmaxBackwardCore(View y, View dy, View dx, int rows, int columns, bool log)
    {
        nint py = (nint)Floats(y), pdy = (nint)Floats(dy), pdx = (nint)Floats(dx);
        workers.For(rows, Math.Max(1, SoftmaxGrain / columns), (begin, end) =>
        {
            for (long row = begin; row < end; row++)
                SoftmaxBackwardRow((float*)py + row * columns, (float*)pdy + row * columns, (float*)pdx + row * columns, columns, log);
        });
    }

    private static void SoftmaxRow(float* x, float* y, int n, bool log)
    {
        float max = MaxOf(x, n), sum = SumOfExp(x, log ? null : y, n, max);
        Vector512<float> shift = Vector512.Create(max), logSum = Vector512.Create(MathF.Log(sum)), scale = Vector512.Create(1 / sum);
        int i = 0;
        for (; i <= n - Width; i += Width)
            (log ? Vector512.Load(x + i) - shift - logSum : Vector512.Load(y + i) * scale).Store(y + i);
        if (i < n) StoreTail(log ? LoadTail(x + i, n - i) - shift - logSum : LoadTail(y + i, n - i) * scale, y + i, n - i);
    }

    private static void SoftmaxBackwardRow(float* y, float* dy, float* dx, int n, bool log)
    {
        var sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= n - Width; i += Width) sums += log ? Vector512.Load(dy + i) : Vector512.Load(dy + i) * Vector512.Load(y + i);
        if (i < n) sums += log ? LoadTail(dy + i, n - i, 0) : LoadTail(dy + i, n - i, 0) * LoadTail(y + i, n - i, 0);
        var sum = Vector512.Create(Vector512.Sum(sums));
        for (i = 0; i <= n - Width; i += Width) Gradient(Vector512.Load(y + i), Vector512.Load(dy + i)).Store(dx + i);
        if (i < n) StoreTail(Gradient(LoadTail(y + i, n - i), LoadTail(dy + i, n - i)), dx + i, n - i);

        Vector512<float> Gradient(Vector512<float> y, Vector512<float> dy) => log ? dy - VectorMath.Exp(y) * sum : y * (dy - sum);
    }

    /// <summary>The largest of n numbers, NaN where any is NaN.</summary>
    private static float MaxOf(float* x, int n)
    {
        var max = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= n - Width; i += Width) max = Vector512.Max(max, Vector512.Load(x + i));
        if (i < n) max = Vector512.Max(max, LoadTail(x + i, n - i, float.NegativeInfinity));
        return Largest(max);
    }

    /// <summary>The largest lane.</summary>
    private static float Largest(Vector512<float> x)
    {
        var half = Vector256.Max(x.GetLower(), x.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    /// <summary>Σ exp(x − shift); each term is stored in y, where that is given.</summary>
    private static float SumOfExp(float* x, float* y, int n, float shift)
    {
        var s = Vector512.Create(shift);
        var sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= n - Width; i += Width)
        {
            var e = VectorMath.Exp(Vector512.Load(x + i) - s);
            if (y != null) e.Store(y + i);
            sum += e;
        }
        if (i < n)
        {
            var e = VectorMath.Exp(LoadTail(x + i, n - i, float.NegativeInfinity) - s);
            if (y != null) StoreTail(e, y + i, n - i);
            sum += e;
        }
        return Vector512.Sum(sum);
    }

    /// <summary>The last few numbers of a row, the lanes past its end filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadTail(float* x, int count, float fill)
        => Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle(), LoadTail(x, count), Vector512.Create(fill));
}
