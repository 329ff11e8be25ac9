namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_i = a_i where c_i ≠ 0, else b_i
    private protected override void WhereCore(View condition, View a, View b, View y, WhereSizes sizes)
    {
        Span<double> C = Values(condition), A = Values(a), B = Values(b), Y = Values(y);
        for (int i = 0; i < Y.Length; i++)
            Y[i] = C[sizes.Sizes.Offset(i, sizes.Condition)] != 0 ? A[sizes.Sizes.Offset(i, sizes.A)] : B[sizes.Sizes.Offset(i, sizes.B)];
    }
}
