using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
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
        => Launch(CastToFloatKernel<T, F>, Linear(y.Length), Array<T>(x), Floats(y), y.Length);

    private void FromFloats<T, F>(View x, View y) where T : unmanaged where F : struct, IStoredForm<T>
        => Launch(CastFromFloatKernel<T, F>, Linear(y.Length), Floats(x), Array<T>(y), y.Length);

    private static void CastToFloatKernel<T, F>(ArrayView<T> x, ArrayView<float> y, int n) where T : unmanaged where F : struct, IStoredForm<T>
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = F.Load(x[i]);
    }

    private static void CastFromFloatKernel<T, F>(ArrayView<float> x, ArrayView<T> y, int n) where T : unmanaged where F : struct, IStoredForm<T>
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = F.Store(x[i]);
    }
}
