namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // C_ij = f(Σ_p A_ip B_pj + bias_j)
    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
    {
        var (m, n, k, batch, heads) = sizes;
        Span<double> A = Values(a.Data), B = Values(b.Data), C = Values(c.Data);
        for (int s = 0; s < batch; s++)
            for (int h = 0; h < heads; h++)
                for (int i = 0; i < m; i++)
                    for (int j = 0; j < n; j++)
                    {
                        double sum = 0;
                        for (int p = 0; p < k; p++)
                            sum += A[s * a.BatchStride + h * a.HeadStride + i * a.RowStride + p * a.ColumnStride]
                                 * B[s * b.BatchStride + h * b.HeadStride + p * b.RowStride + j * b.ColumnStride];
                        if (bias is { } given) sum += Values(given)[j];
                        int at = s * c.BatchStride + h * c.HeadStride + i * c.RowStride + j * c.ColumnStride;
                        C[at] = accumulate ? C[at] + sum : Activate(sum, activation);
                    }
    }
}
