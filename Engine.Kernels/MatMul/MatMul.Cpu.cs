namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
    {
        var (m, n, k, batch, heads) = sizes;
        nint A = (nint)Floats(a.Data), B = (nint)Floats(b.Data), C = (nint)Floats(c.Data), bb = bias is { } given ? (nint)Floats(given) : 0;
        workers.For(batch * heads * m, 1, (begin, end) =>
        {
            for (int row = begin; row < end; row++)
            {
                int i = row % m, h = row / m % heads, s = row / m / heads;
                for (int j = 0; j < n; j++)
                {
                    float* pa = (float*)A + s * a.BatchStride + h * a.HeadStride + i * a.RowStride;
                    float* pb = (float*)B + s * b.BatchStride + h * b.HeadStride + j * b.ColumnStride;
                    float* pc = (float*)C + s * c.BatchStride + h * c.HeadStride + i * c.RowStride + j * c.ColumnStride;
                    float sum = 0;
                    for (int p = 0; p < k; p++) sum += pa[p * a.ColumnStride] * pb[p * b.RowStride];
                    if (bb != 0) sum += ((float*)bb)[j];
                    *pc = accumulate ? *pc + sum : activation == Activation.Relu ? Relu.Forward(sum, 0, 0) : sum;
                }
            }
        });
    }
}
