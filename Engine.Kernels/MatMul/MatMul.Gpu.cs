using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    internal readonly record struct Strides(int Row, int Column, int Batch, int Head)
    {
        public Strides(Matrices m) : this(m.RowStride, m.ColumnStride, m.BatchStride, m.HeadStride) { }

        public int At(int batch, int heads, int i, int j) => batch / heads * Batch + batch % heads * Head + i * Row + j * Column;
    }

    internal readonly record struct MatMulArguments(Strides A, Strides B, Strides C, int M, int N, int K, int Batch, int Heads, int HasBias, int Accumulate, int Activation);

    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
        => LaunchProduct<MatrixProduct, MatMulArguments>(a.Data, b.Data, c.Data, bias, new(new(a), new(b), new(c), sizes.M, sizes.N, sizes.K, sizes.Batch, sizes.Heads,
            bias is null ? 0 : 1, accumulate ? 1 : 0, (int)activation));

    /// <summary>C = A·B for each batch and head, by strides.</summary>
    internal readonly struct MatrixProduct : ITiledProduct<MatMulArguments>
    {
        public static int Rows(MatMulArguments z) => z.M;

        public static int Columns(MatMulArguments z) => z.N;

        public static int Depth(MatMulArguments z) => z.K;

        public static int Batches(MatMulArguments z) => z.Batch * z.Heads;

        public static bool DepthFirstA(MatMulArguments z) => z.A.Column == 1;

        public static bool DepthFirstB(MatMulArguments z) => z.B.Column != 1;

        public static ColumnPlace Column(MatMulArguments z, int j) => new(j, 0, 0);

        public static float A(ArrayView<float> a, MatMulArguments z, int batch, int i, int p) => a[z.A.At(batch, z.Heads, i, p)];

        public static float B(ArrayView<float> b, MatMulArguments z, int batch, ColumnPlace column, int p) => b[z.B.At(batch, z.Heads, p, column.A)];

        public static void Store(ArrayView<float> c, ArrayView<float> bias, MatMulArguments z, int batch, int slice, int i, int j, float sum)
        {
            int at = z.C.At(batch, z.Heads, i, j);
            if (z.HasBias != 0) sum += bias[j];
            if (z.Accumulate != 0) sum += c[at];
            c[at] = Activate(sum, z.Activation);
        }
    }
}
