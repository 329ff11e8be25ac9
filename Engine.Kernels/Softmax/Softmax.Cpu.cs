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
        workers.For(rows, Math.Max(1, SoftmaxGrain / columns), (px, py, columns, log), static (begin, end, given) =>
        {
            var (px, py, columns, log) = given;
            for (long row = begin; row < end; row++) SoftmaxRow((float*)px + row * columns, (float*)py + row * columns, columns, log);
        });
    }

    private protected override void SoftmaxBackwardCore(View y, View dy, View dx, int rows, int columns, bool log)
    {
        nint py = (nint)Floats(y), pdy = (nint)Floats(dy), pdx = (nint)Floats(dx);
        workers.For(rows, Math.Max(1, SoftmaxGrain / columns), (py, pdy, pdx, columns, log), static (begin, end, given) =>
        {
            var (py, pdy, pdx, columns, log) = given;
            for (long row = begin; row < end; row++)
            {
                float* y = (float*)py + row * columns, dy = (float*)pdy + row * columns, dx = (float*)pdx + row * columns;
                if (log) LogSoftmaxBackwardRow(y, dy, dx, columns);
                else SoftmaxBackwardRow(y, dy, dx, columns);
            }
        });
    }

    [MethodImpl(Alone)]
    private static void SoftmaxRow(float* x, float* y, int n, bool log)
    {
        float max = MaxOf(x, n), sum = SumOfExp(x, log ? null : y, n, max);
        if (log) Lower(x, y, n, max, MathF.Log(sum));
        else Scale(y, 1 / sum, y, n);
    }

    /// <summary>y = x − a − b.</summary>
    [MethodImpl(Alone)]
    private static void Lower(float* x, float* y, int n, float a, float b)
    {
        Vector512<float> first = Vector512.Create(a), second = Vector512.Create(b);
        int i = 0;
        for (; i <= n - Width; i += Width) (Vector512.Load(x + i) - first - second).Store(y + i);
        if (i < n) StoreTail(LoadTail(x + i, n - i) - first - second, y + i, n - i);
    }

    /// <summary>dx = y (dy − Σ dy y).</summary>
    [MethodImpl(Alone)]
    private static void SoftmaxBackwardRow(float* y, float* dy, float* dx, int n)
    {
        var sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= n - Width; i += Width) sums += Vector512.Load(dy + i) * Vector512.Load(y + i);
        if (i < n) sums += LoadTail(dy + i, n - i, 0) * LoadTail(y + i, n - i, 0);
        var sum = Vector512.Create(Vector512.Sum(sums));
        for (i = 0; i <= n - Width; i += Width) (Vector512.Load(y + i) * (Vector512.Load(dy + i) - sum)).Store(dx + i);
        if (i < n) StoreTail(LoadTail(y + i, n - i) * (LoadTail(dy + i, n - i) - sum), dx + i, n - i);
    }

    /// <summary>dx = dy − eʸ Σ dy.</summary>
    [MethodImpl(Alone)]
    private static void LogSoftmaxBackwardRow(float* y, float* dy, float* dx, int n)
    {
        var sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= n - Width; i += Width) sums += Vector512.Load(dy + i);
        if (i < n) sums += LoadTail(dy + i, n - i, 0);
        var sum = Vector512.Create(Vector512.Sum(sums));
        for (i = 0; i <= n - Width; i += Width) (Vector512.Load(dy + i) - VectorMath.Exp(Vector512.Load(y + i)) * sum).Store(dx + i);
        if (i < n) LogSoftmaxBackwardTail(y + i, dy + i, dx + i, n - i, sum);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LogSoftmaxBackwardTail(float* y, float* dy, float* dx, int left, Vector512<float> sum)
        => StoreTail(LoadTail(dy, left) - VectorMath.Exp(LoadTail(y, left)) * sum, dx, left);

    /// <summary>The largest of n numbers, NaNs passed by: whoever sums what lies below it meets them there.</summary>
    [MethodImpl(Alone)]
    private static float MaxOf(float* x, int n)
    {
        // Of two operands the native form gives the second where one is a NaN.
        Vector512<float> a = Vector512.Create(float.NegativeInfinity), b = a, c = a, d = a;
        int i = 0;
        for (; i <= n - 4 * Width; i += 4 * Width)
        {
            a = Vector512.MaxNative(Vector512.Load(x + i), a);
            b = Vector512.MaxNative(Vector512.Load(x + i + Width), b);
            c = Vector512.MaxNative(Vector512.Load(x + i + 2 * Width), c);
            d = Vector512.MaxNative(Vector512.Load(x + i + 3 * Width), d);
        }
        for (; i <= n - Width; i += Width) a = Vector512.MaxNative(Vector512.Load(x + i), a);
        if (i < n) a = Vector512.MaxNative(LoadTail(x + i, n - i, float.NegativeInfinity), a);
        return Largest(Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d)));
    }

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector512<float> x)
    {
        var half = Vector256.Max(x.GetLower(), x.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    /// <summary>Σ exp(x − shift); each term is stored in y, where that is given.</summary>
    [MethodImpl(Alone)]
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
        if (i < n) sum += ExpTail(x + i, y == null ? null : y + i, n - i, s);
        return Vector512.Sum(sum);
    }

    // Apart from the loop, so that the compiler's allowance for inlining is spent once a method.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> ExpTail(float* x, float* y, int left, Vector512<float> shift)
    {
        var e = VectorMath.Exp(LoadTail(x, left, float.NegativeInfinity) - shift);
        if (y != null) StoreTail(e, y, left);
        return e;
    }

    /// <summary>The last few numbers of a row, the lanes past its end filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadTail(float* x, int count, float fill)
        => Vector512.ConditionalSelect(First(count), LoadTail(x, count), Vector512.Create(fill));
}
