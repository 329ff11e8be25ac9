using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void CompareCore<F>(View a, View b, View y, BinarySizes sizes)
    {
        nint pa = (nint)Floats(a), pb = (nint)Floats(b), py = (nint)Pointer<byte>(y);
        Rows(y.Length, sizes, (pa, pb, py, sizes.A.A5, sizes.B.A5), static (at, ua, ub, n, given) =>
        {
            var (pa, pb, py, strideA, strideB) = given;
            if (strideA == 1 && strideB == 1) CompareLoop<F, WalkInOrder, WalkInOrder>((float*)pa + ua, (float*)pb + ub, (byte*)py + at, n, 1, 1);
            else if (strideA == 1 && strideB == 0) CompareLoop<F, WalkInOrder, WalkRepeated>((float*)pa + ua, (float*)pb + ub, (byte*)py + at, n, 1, 0);
            else CompareLoop<F, WalkStrided, WalkStrided>((float*)pa + ua, (float*)pb + ub, (byte*)py + at, n, strideA, strideB);
        });
    }

    private static void CompareLoop<F, TWalkA, TWalkB>(float* a, float* b, byte* y, int n, int strideA, int strideB)
        where F : struct, ICompareFunction where TWalkA : struct, IWalk where TWalkB : struct, IWalk
    {
        int i = 0;
        for (; i <= n - Width; i += Width) Flags(F.Holds(TWalkA.Load(a, i, strideA), TWalkB.Load(b, i, strideB))).Store(y + i);
        if (i == n) return;
        byte* padded = stackalloc byte[Width];
        Flags(F.Holds(Take(a, i, strideA, n - i), Take(b, i, strideB, n - i))).Store(padded);
        for (int k = 0; i < n; i++) y[i] = padded[k++];
    }

    /// <summary>Sixteen masks as bytes of 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Flags(Vector512<float> mask)
    {
        var ones = mask.AsInt32() & Vector512<int>.One;
        var narrow = Vector256.Narrow(ones.GetLower(), ones.GetUpper());
        return Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).AsByte();
    }
}
