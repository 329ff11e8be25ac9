namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void CastCore(View x, View y)
    {
        switch (x.DType, y.DType)
        {
            case (DType.Int32, _): ToFloats<int, Int32Form>(x, y); break;
            case (DType.UInt8, _): ToFloats<byte, UInt8Form>(x, y); break;
            case (DType.Int8, _): ToFloats<sbyte, Int8Form>(x, y); break;
            case (DType.Float16, _): ToFloats<ushort, Float16Form>(x, y); break;
            case (DType.BFloat16, _): ToFloats<ushort, BFloat16Form>(x, y); break;
            case (_, DType.Int32): FromFloats<int, Int32Form>(x, y); break;
            case (_, DType.UInt8): FromFloats<byte, UInt8Form>(x, y); break;
            case (_, DType.Int8): FromFloats<sbyte, Int8Form>(x, y); break;
            case (_, DType.Float16): FromFloats<ushort, Float16Form>(x, y); break;
            default: FromFloats<ushort, BFloat16Form>(x, y); break;
        }
    }

    private void ToFloats<T, F>(View x, View y) where T : unmanaged where F : struct, IStoredForm<T>
    {
        nint from = (nint)Pointer<T>(x), to = (nint)Floats(y);
        workers.For(y.Length, ElementwiseGrain, (begin, end) =>
        {
            for (int i = begin; i < end; i++) ((float*)to)[i] = F.Load(((T*)from)[i]);
        });
    }

    private void FromFloats<T, F>(View x, View y) where T : unmanaged where F : struct, IStoredForm<T>
    {
        nint from = (nint)Floats(x), to = (nint)Pointer<T>(y);
        workers.For(y.Length, ElementwiseGrain, (begin, end) =>
        {
            for (int i = begin; i < end; i++) ((T*)to)[i] = F.Store(((float*)from)[i]);
        });
    }
}
