namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = 1 where a_i ~ b_i, else 0
    private protected override void CompareCore<F>(View a, View b, View y, BinarySizes sizes)
    {
        Span<double> A = Values(a), B = Values(b), Y = Values(y);
        for (int i = 0; i < Y.Length; i++)
            Y[i] = F.Holds(A[sizes.Sizes.Offset(i, sizes.A)], B[sizes.Sizes.Offset(i, sizes.B)]) ? 1 : 0;
    }
}
