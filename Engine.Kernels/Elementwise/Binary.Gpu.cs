using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void BinaryCore<F>(View a, View b, View y, BinarySizes sizes)
        => Launch(BinaryKernel<F>, Linear(y.Length), Floats(a), Floats(b), Floats(y), y.Length, sizes);

    private protected override void BinaryBackwardCore<F>(View a, View b, View dy, View d, BinarySizes sizes, bool second)
        => Launch(BinaryBackwardKernel<F>, Linear(d.Length), Floats(a), Floats(b), Floats(dy), Floats(d), d.Length, sizes, second ? 1 : 0);

    private static void BinaryKernel<F>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, int n, BinarySizes sizes) where F : struct, IBinaryFunction
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = F.Forward(a[sizes.Sizes.Offset(i, sizes.A)], b[sizes.Sizes.Offset(i, sizes.B)]);
    }

    private static void BinaryBackwardKernel<F>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> dy, ArrayView<float> d, int n, BinarySizes sizes, int second)
        where F : struct, IBinaryFunction
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        float u = a[sizes.Sizes.Offset(i, sizes.A)], v = b[sizes.Sizes.Offset(i, sizes.B)];
        d[i] = dy[i] * (second != 0 ? F.DerivativeB(u, v) : F.DerivativeA(u, v));
    }
}
