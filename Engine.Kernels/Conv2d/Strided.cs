using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Numbers that lie a stride apart, in vectors for strides 1 and 2.</summary>
internal static unsafe class Strided
{
    private const int Vector = 16;

    private static Vector512<int> Even => Vector512.CreateSequence(0, 2);

    private static Vector512<int> Odd => Vector512.CreateSequence(1, 2);

    private static Vector512<int> Halves => Vector512.CreateSequence(0, 1) >>> 1;

    private static Vector512<float> EvenLanes => Vector512.Equals(Vector512<int>.Indices & Vector512<int>.One, Vector512<int>.Zero).AsSingle();

    /// <summary>to[i] = from[i·stride] for i in 0..count−1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(float* from, int stride, int count, float* to)
    {
        int i = 0;
        if (stride == 1)
        {
            for (; i <= count - Vector; i += Vector) Vector512.Load(from + i).Store(to + i);
            if (i < count) CpuDevice.StoreTail(CpuDevice.LoadTail(from + i, count - i), to + i, count - i);
            return;
        }
        if (stride == 2 && Avx512F.IsSupported)
            for (; i < count; i += Vector)
            {
                int left = Math.Min(Vector, count - i), last = 2 * left - 1;
                var low = CpuDevice.LoadTail(from + 2 * i, Math.Min(Vector, last));
                var high = last <= Vector ? low : CpuDevice.LoadTail(from + 2 * i + Vector, last - Vector);
                CpuDevice.StoreTail(Avx512F.PermuteVar16x32x2(low, Even, high), to + i, left);
            }
        for (; i < count; i++) to[i] = from[i * stride];
    }

    /// <summary>Whether <see cref="Split"/> works here.</summary>
    public static bool Splits => Avx512F.IsSupported;

    /// <summary>even[i] = from[2·i] for i in 0..evens−1, and odd[i] = from[2·i + 1] for i in 0..odds−1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(float* from, float* even, int evens, float* odd, int odds)
    {
        int i = 0;
        for (; i <= Math.Min(evens, odds) - Vector; i += Vector)
        {
            Vector512<float> low = Vector512.Load(from + 2 * i), high = Vector512.Load(from + 2 * i + Vector);
            Avx512F.PermuteVar16x32x2(low, Even, high).Store(even + i);
            Avx512F.PermuteVar16x32x2(low, Odd, high).Store(odd + i);
        }
        for (; i < Math.Max(evens, odds); i += Vector)
        {
            int last = Math.Max(2 * (evens - i) - 1, 2 * (odds - i));
            var low = CpuDevice.LoadTail(from + 2 * i, Math.Min(Vector, last));
            var high = last <= Vector ? low : CpuDevice.LoadTail(from + 2 * i + Vector, Math.Min(Vector, last - Vector));
            if (i < evens) CpuDevice.StoreTail(Avx512F.PermuteVar16x32x2(low, Even, high), even + i, Math.Min(Vector, evens - i));
            if (i < odds) CpuDevice.StoreTail(Avx512F.PermuteVar16x32x2(low, Odd, high), odd + i, Math.Min(Vector, odds - i));
        }
    }

    /// <summary>to[i·stride] += value[i] for i in 0..count−1.</summary>
    public static void Add(Vector512<float> value, float* to, int stride, int count)
    {
        if (stride == 1 && count == Vector) (Vector512.Load(to) + value).Store(to);
        else if (stride == 1) CpuDevice.StoreTail(CpuDevice.LoadTail(to, count) + value, to, count);
        else if (stride == 2 && Avx512F.IsSupported)
        {
            int numbers = 2 * count - 1;
            AddEven(Avx512F.PermuteVar16x32(value, Halves), to, numbers);
            if (numbers > Vector) AddEven(Avx512F.PermuteVar16x32(value, Halves + Vector512.Create(8)), to + Vector, numbers - Vector);
        }
        else
            for (int i = 0; i < count; i++) to[i * stride] += value[i];
    }

    private static void AddEven(Vector512<float> value, float* to, int numbers)
    {
        var mask = CpuDevice.First(numbers) & EvenLanes;
        Avx512F.MaskStore(to, mask, Avx512F.MaskLoad(to, mask, Vector512<float>.Zero) + value);
    }
}
