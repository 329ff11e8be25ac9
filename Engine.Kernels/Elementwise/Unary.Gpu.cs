using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void UnaryCore<F>(View x, View y, double a, double b)
        => Launch(UnaryKernel<F>, Linear(x.Length), Floats(x), Floats(y), x.Length, (float)a, (float)b);

    private protected override void UnaryBackwardCore<F>(View v, View dy, View dx, double a, double b)
        => Launch(UnaryBackwardKernel<F>, Linear(v.Length), Floats(v), Floats(dy), Floats(dx), v.Length, (float)a, (float)b);

    private static void UnaryKernel<F>(ArrayView<float> x, ArrayView<float> y, int n, float a, float b) where F : struct, IUnaryFunction
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = F.Forward(x[i], a, b);
    }

    private static void UnaryBackwardKernel<F>(ArrayView<float> v, ArrayView<float> dy, ArrayView<float> dx, int n, float a, float b)
        where F : struct, IUnaryFunction
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) dx[i] = dy[i] * F.Derivative(v[i], a, b);
    }
}
