using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void WhereCore(View condition, View a, View b, View y, WhereSizes sizes)
        => Launch(WhereKernel, Linear(y.Length), Bytes(condition), Floats(a), Floats(b), Floats(y), y.Length, sizes);

    private static void WhereKernel(ArrayView<byte> condition, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, int n, WhereSizes sizes)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        if (condition[sizes.Sizes.Offset(i, sizes.Condition)] != 0) y[i] = a[sizes.Sizes.Offset(i, sizes.A)];
        else y[i] = b[sizes.Sizes.Offset(i, sizes.B)];
    }
}
