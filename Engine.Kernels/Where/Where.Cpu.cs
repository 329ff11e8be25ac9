using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void WhereCore(View condition, View a, View b, View y, WhereSizes sizes)
    {
        nint pc = (nint)Pointer<byte>(condition), pa = (nint)Floats(a), pb = (nint)Floats(b), py = (nint)Floats(y);
        Rows(y.Length, new BinarySizes(sizes.Sizes, sizes.A, sizes.B), (pc, pa, pb, py, sizes), static (at, ua, ub, n, given) =>
        {
            var (pc, pa, pb, py, sizes) = given;
            byte* c = (byte*)pc + sizes.Sizes.Offset(at, sizes.Condition);
            float* u = (float*)pa + ua, v = (float*)pb + ub, to = (float*)py + at;
            var (strideC, strideA, strideB) = (sizes.Condition.A5, sizes.A.A5, sizes.B.A5);
            if (strideA == 1 && strideB == 1) WhereLoop<WalkInOrder, WalkInOrder>(c, u, v, to, n, strideC, 1, 1);
            else if (strideA == 1 && strideB == 0) WhereLoop<WalkInOrder, WalkRepeated>(c, u, v, to, n, strideC, 1, 0);
            else if (strideA == 0 && strideB == 1) WhereLoop<WalkRepeated, WalkInOrder>(c, u, v, to, n, strideC, 0, 1);
            else WhereLoop<WalkStrided, WalkStrided>(c, u, v, to, n, strideC, strideA, strideB);
        });
    }

    private static void WhereLoop<TWalkA, TWalkB>(byte* c, float* a, float* b, float* y, int n, int strideC, int strideA, int strideB)
        where TWalkA : struct, IWalk where TWalkB : struct, IWalk
    {
        int i = 0;
        if (strideC == 1)
            for (; i <= n - Width; i += Width)
                Vector512.ConditionalSelect(Mask(Vector128.Load(c + i)), TWalkA.Load(a, i, strideA), TWalkB.Load(b, i, strideB)).Store(y + i);
        for (; i <= n - Width; i += Width)
            Vector512.ConditionalSelect(Mask(c, i, strideC, Width), TWalkA.Load(a, i, strideA), TWalkB.Load(b, i, strideB)).Store(y + i);
        if (i < n) StoreTail(Vector512.ConditionalSelect(Mask(c, i, strideC, n - i), Take(a, i, strideA, n - i), Take(b, i, strideB, n - i)), y + i, n - i);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Mask(byte* c, int i, int stride, int left)
    {
        byte* gathered = stackalloc byte[Width];
        for (int k = 0; k < Width; k++) gathered[k] = k < left ? c[(i + k) * stride] : (byte)0;
        return Mask(Vector128.Load(gathered));
    }

    /// <summary>All bits set where a flag is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(Vector128<byte> flags) => ~Vector512.Equals(Widen(flags), Vector512<int>.Zero).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<byte> x)
    {
        var (low, high) = Vector128.Widen(x);
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
