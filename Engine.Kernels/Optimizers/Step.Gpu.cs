using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void StepCore<S>(View w, View g, View a, View b, View c, StepSettings<double> s)
        => Launch(StepKernel<S>, Linear(w.Length), Floats(w), Floats(g), Floats(a), Floats(b), Floats(c), w.Length, Floats(s));

    private static void StepKernel<S>(ArrayView<float> w, ArrayView<float> g, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, int n,
        StepSettings<float> s) where S : struct, IStep
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        float value = w[i], first = 0f, second = 0f, third = 0f;
        if (S.States > 0) first = a[i];
        if (S.States > 1) second = b[i];
        if (S.States > 2) third = c[i];
        S.Step(ref value, g[i], ref first, ref second, ref third, s);
        w[i] = value;
        if (S.States > 0) a[i] = first;
        if (S.States > 1) b[i] = second;
        if (S.States > 2) c[i] = third;
    }
}
