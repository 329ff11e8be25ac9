namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // (w_i, a_i, b_i, c_i) = step(w_i, g_i, a_i, b_i, c_i)
    private protected override void StepCore<S>(View w, View g, View a, View b, View c, StepSettings<double> s)
    {
        Span<double> W = Values(w), G = Values(g), A = Values(a), B = Values(b), C = Values(c);
        double none = 0;
        for (int i = 0; i < W.Length; i++)
            S.Step(ref W[i], G[i], ref S.States > 0 ? ref A[i] : ref none, ref S.States > 1 ? ref B[i] : ref none, ref S.States > 2 ? ref C[i] : ref none, s);
    }
}
