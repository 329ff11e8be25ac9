using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void CompareCore<F>(View a, View b, View y, BinarySizes sizes)
        => Launch(CompareKernel<F>, Linear(y.Length), Floats(a), Floats(b), Bytes(y), y.Length, sizes);

    private static void CompareKernel<F>(ArrayView<float> a, ArrayView<float> b, ArrayView<byte> y, int n, BinarySizes sizes) where F : struct, ICompareFunction
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = (byte)F.Holds(a[sizes.Sizes.Offset(i, sizes.A)], b[sizes.Sizes.Offset(i, sizes.B)]);
    }
}
