using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    internal readonly record struct Strides(int Row, int Column, int Batch, int Head)
    {
        public Strides(Matrices m) : this(m.RowStride, m.ColumnStride, m.BatchStride, m.HeadStride) { }
    }

    internal readonly record struct MatMulArguments(Strides A, Strides B, Strides C, int M, int N, int K, int Batch, int Heads, int HasBias, int Accumulate, int Activation);

    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
    {
        var arguments = new MatMulArguments(new(a), new(b), new(c), sizes.M, sizes.N, sizes.K, sizes.Batch, sizes.Heads,
            bias is null ? 0 : 1, accumulate ? 1 : 0, (int)activation);
        Launch(MatMulKernel, Linear(sizes.Batch * sizes.Heads * sizes.M * sizes.N), Floats(a.Data), Floats(b.Data), Floats(c.Data), Floats(bias ?? c.Data), arguments);
    }

    private static void MatMulKernel(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, MatMulArguments z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.Batch * z.Heads * z.M * z.N) return;
        int j = at % z.N, i = at / z.N % z.M, h = at / z.N / z.M % z.Heads, s = at / z.N / z.M / z.Heads;
        int pa = s * z.A.Batch + h * z.A.Head + i * z.A.Row, pb = s * z.B.Batch + h * z.B.Head + j * z.B.Column;
        int pc = s * z.C.Batch + h * z.C.Head + i * z.C.Row + j * z.C.Column;
        float sum = 0;
        for (int p = 0; p < z.K; p++) sum += a[pa + p * z.A.Column] * b[pb + p * z.B.Row];
        if (z.HasBias != 0) sum += bias[j];
        if (z.Accumulate != 0) sum += c[pc];
        c[pc] = Activate(sum, z.Activation);
    }
}
