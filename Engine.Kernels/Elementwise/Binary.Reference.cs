namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = f(a_i, b_i)
    private protected override void BinaryCore<F>(View a, View b, View y, BinarySizes sizes)
    {
        Span<double> A = Values(a), B = Values(b), Y = Values(y);
        for (int i = 0; i < Y.Length; i++)
            Y[i] = F.Forward(A[sizes.Sizes.Offset(i, sizes.A)], B[sizes.Sizes.Offset(i, sizes.B)]);
    }

    // da_i = dy_i ∂f/∂a, db_i = dy_i ∂f/∂b
    private protected override void BinaryBackwardCore<F>(View a, View b, View dy, View d, BinarySizes sizes, bool second)
    {
        Span<double> A = Values(a), B = Values(b), DY = Values(dy), D = Values(d);
        for (int i = 0; i < D.Length; i++)
        {
            double u = A[sizes.Sizes.Offset(i, sizes.A)], v = B[sizes.Sizes.Offset(i, sizes.B)];
            D[i] = DY[i] * (second ? F.DerivativeB(u, v) : F.DerivativeA(u, v));
        }
    }
}
