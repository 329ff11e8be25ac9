using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void ReduceCore<R>(View x, View y, ReduceSizes sizes)
        => Launch(ReduceKernel<R>, Linear(sizes.Count), Floats(x), Floats(y), sizes);

    private static void ReduceKernel<R>(ArrayView<float> x, ArrayView<float> y, ReduceSizes z) where R : struct, IReducer
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.Count) return;
        int from = at / z.Inner * z.N * z.Inner + at % z.Inner;
        var state = R.Start();
        for (int n = 0; n < z.N; n++) state = R.Add(state, x[from + n * z.Inner], n);
        y[at] = R.Finish(state, z.N);
    }
}
