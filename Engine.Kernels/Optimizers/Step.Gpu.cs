using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void StepCore<S>(View w, View g, View a, View b, StepSettings<double> s)
        => Launch(StepKernel<S>, Linear(w.Length), Floats(w), Floats(g), Floats(a), Floats(b), w.Length, Floats(s));

    private static void StepKernel<S>(ArrayView<float> w, ArrayView<float> g, ArrayView<float> a, ArrayView<float> b, int n, StepSettings<float> s)
        where S : struct, IStep
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        float value = w[i], first = 0f, second = 0f;
        if (S.States > 0) first = a[i];
        if (S.States > 1) second = b[i];
        S.Step(ref value, g[i], ref first, ref second, s);
        w[i] = value;
        if (S.States > 0) a[i] = first;
        if (S.States > 1) b[i] = second;
    }
}
