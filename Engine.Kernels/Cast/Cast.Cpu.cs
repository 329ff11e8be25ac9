using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void CastCore(View x, View y)
    {
        switch (x.DType, y.DType)
        {
            case (DType.Int32, _): ToFloats<int, Int32Form>(x, y); break;
            case (DType.UInt8, _): BytesToFloats(x, y); break;
            case (DType.Int8, _): ToFloats<sbyte, Int8Form>(x, y); break;
            case (DType.Float16, _): HalvesToFloats(x, y); break;
            case (DType.BFloat16, _): ToFloats<ushort, BFloat16Form>(x, y); break;
            case (_, DType.Int32): FromFloats<int, Int32Form>(x, y); break;
            case (_, DType.UInt8): FromFloats<byte, UInt8Form>(x, y); break;
            case (_, DType.Int8): FromFloats<sbyte, Int8Form>(x, y); break;
            case (_, DType.Float16): FloatsToHalves(x, y); break;
            default: FromFloats<ushort, BFloat16Form>(x, y); break;
        }
    }

    private void BytesToFloats(View x, View y)
    {
        nint from = (nint)Pointer<byte>(x), to = (nint)Floats(y);
        workers.For(y.Length, ElementwiseGrain, (from, to), static (begin, end, given) =>
        {
            var (from, to) = given;
            int i = begin;
            for (; i <= end - Width; i += Width) Vector512.ConvertToSingle(Widen(Vector128.Load((byte*)from + i))).Store((float*)to + i);
            for (; i < end; i++) ((float*)to)[i] = ((byte*)from)[i];
        });
    }

    private void HalvesToFloats(View x, View y)
    {
        nint from = (nint)Pointer<Half>(x), to = (nint)Floats(y);
        workers.For(y.Length, ElementwiseGrain, (from, to), static (begin, end, given) =>
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>((Half*)given.from + begin, end - begin), new Span<float>((float*)given.to + begin, end - begin)));
    }

    private void FloatsToHalves(View x, View y)
    {
        nint from = (nint)Floats(x), to = (nint)Pointer<Half>(y);
        workers.For(y.Length, ElementwiseGrain, (from, to), static (begin, end, given) =>
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>((float*)given.from + begin, end - begin), new Span<Half>((Half*)given.to + begin, end - begin)));
    }

    private void ToFloats<T, F>(View x, View y) where T : unmanaged where F : struct, IStoredForm<T>
    {
        nint from = (nint)Pointer<T>(x), to = (nint)Floats(y);
        workers.For(y.Length, ElementwiseGrain, (from, to), static (begin, end, given) =>
        {
            var (from, to) = given;
            for (int i = begin; i < end; i++) ((float*)to)[i] = F.Load(((T*)from)[i]);
        });
    }

    private void FromFloats<T, F>(View x, View y) where T : unmanaged where F : struct, IStoredForm<T>
    {
        nint from = (nint)Floats(x), to = (nint)Pointer<T>(y);
        workers.For(y.Length, ElementwiseGrain, (from, to), static (begin, end, given) =>
        {
            var (from, to) = given;
            for (int i = begin; i < end; i++) ((T*)to)[i] = F.Store(((float*)from)[i]);
        });
    }
}
