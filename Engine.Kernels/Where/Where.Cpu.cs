using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void WhereCore(View condition, View a, View b, View y, WhereSizes sizes)
    {
        nint pc = (nint)Pointer<byte>(condition), pa = (nint)Floats(a), pb = (nint)Floats(b), py = (nint)Floats(y);
        Rows(y.Length, new BinarySizes(sizes.Sizes, sizes.A, sizes.B), (at, ua, ub, n) =>
            WhereLoop((byte*)pc + sizes.Sizes.Offset(at, sizes.Condition), (float*)pa + ua, (float*)pb + ub, (float*)py + at, n, sizes.Condition.A5, sizes.A.A5, sizes.B.A5));
    }

    private static void WhereLoop(byte* c, float* a, float* b, float* y, int n, int strideC, int strideA, int strideB)
    {
        int i = 0;
        for (; i <= n - Width; i += Width)
            Vector512.ConditionalSelect(Mask(c, i, strideC, Width), Take(a, i, strideA, Width), Take(b, i, strideB, Width)).Store(y + i);
        if (i < n) StoreTail(Vector512.ConditionalSelect(Mask(c, i, strideC, n - i), Take(a, i, strideA, n - i), Take(b, i, strideB, n - i)), y + i, n - i);
    }

    /// <summary>All bits set where a flag is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(byte* c, int i, int stride, int left)
    {
        Vector128<byte> flags;
        if (stride == 1 && left >= Width) flags = Vector128.Load(c + i);
        else
        {
            byte* gathered = stackalloc byte[Width];
            for (int k = 0; k < Width; k++) gathered[k] = k < left ? c[(i + k) * stride] : (byte)0;
            flags = Vector128.Load(gathered);
        }
        return ~Vector512.Equals(Widen(flags), Vector512<int>.Zero).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<byte> x)
    {
        var (low, high) = Vector128.Widen(x);
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
