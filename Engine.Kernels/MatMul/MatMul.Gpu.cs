using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    internal readonly record struct Strides(int Row, int Column, int Batch, int Head)
    {
        public Strides(Matrices m) : this(m.RowStride, m.ColumnStride, m.BatchStride, m.HeadStride) { }
    }

    internal readonly record struct MatMulArguments(Strides A, Strides B, Strides C, int M, int N, int K, int Heads, int HasBias, int Accumulate, int Activation);

    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
    {
        var arguments = new MatMulArguments(new(a), new(b), new(c), sizes.M, sizes.N, sizes.K, sizes.Heads, bias is null ? 0 : 1, accumulate ? 1 : 0, (int)activation);
        if (GroupSize < 256) Run<EmulatorTile>(MatMulKernel<EmulatorTile>);
        else if (Groups<LargeTile>() >= 2L * accelerator.NumMultiprocessors) Run<LargeTile>(MatMulKernel<LargeTile>);
        else Run<SmallTile>(MatMulKernel<SmallTile>);

        void Run<T>(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, MatMulArguments> kernel) where T : struct, IMatMulTile
            => Launch(kernel, new KernelConfig((int)Groups<T>(), T.Side * T.Side), Floats(a.Data), Floats(b.Data), Floats(c.Data), Floats(bias ?? c.Data), arguments);

        long Groups<T>() where T : struct, IMatMulTile
        {
            int block = T.Side * T.Micro;
            return (long)((sizes.M + block - 1) / block) * ((sizes.N + block - 1) / block) * sizes.Batch * sizes.Heads;
        }
    }

    // One group computes one square of C: thread (x, y) has the numbers at rows y, y + Side, ... and columns x, x + Side, ...
    private static void MatMulKernel<T>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, MatMulArguments z) where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = T.Side * T.Micro + 1;        // one more, so that a column lies over all banks
        var tileA = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var tileB = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        int across = (z.N + block - 1) / block, down = (z.M + block - 1) / block;
        int left = Grid.IdxX % across * block, top = Grid.IdxX / across % down * block, batch = Grid.IdxX / across / down;
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side;
        int startA = batch / z.Heads * z.A.Batch + batch % z.Heads * z.A.Head, startB = batch / z.Heads * z.B.Batch + batch % z.Heads * z.B.Head;
        float c00 = 0f, c01 = 0f, c02 = 0f, c03 = 0f;
        float c10 = 0f, c11 = 0f, c12 = 0f, c13 = 0f;
        float c20 = 0f, c21 = 0f, c22 = 0f, c23 = 0f;
        float c30 = 0f, c31 = 0f, c32 = 0f, c33 = 0f;
        for (int start = 0; start < z.K; start += T.Depth)
        {
            for (int e = Group.IdxX; e < block * T.Depth; e += T.Side * T.Side)
            {
                // Neighbours read along whichever side of the matrix lies together.
                int i = z.A.Column == 1 ? e / T.Depth : e % block, p = z.A.Column == 1 ? e % T.Depth : e / block;
                float value = 0f;
                if (top + i < z.M && start + p < z.K) value = a[startA + (top + i) * z.A.Row + (start + p) * z.A.Column];
                tileA[p * stride + i] = value;
                int j = z.B.Column == 1 ? e % block : e / T.Depth, q = z.B.Column == 1 ? e / block : e % T.Depth;
                value = 0f;
                if (left + j < z.N && start + q < z.K) value = b[startB + (start + q) * z.B.Row + (left + j) * z.B.Column];
                tileB[q * stride + j] = value;
            }
            Group.Barrier();
            for (int p = 0; p < T.Depth; p++)
            {
                float a0 = tileA[p * stride + y], b0 = tileB[p * stride + x];
                c00 += a0 * b0;
                if (T.Micro == 1) continue;
                float a1 = tileA[p * stride + y + T.Side], a2 = tileA[p * stride + y + 2 * T.Side], a3 = tileA[p * stride + y + 3 * T.Side];
                float b1 = tileB[p * stride + x + T.Side], b2 = tileB[p * stride + x + 2 * T.Side], b3 = tileB[p * stride + x + 3 * T.Side];
                c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
                c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
                c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
                c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
            }
            Group.Barrier();
        }
        Finish(c, bias, z, batch, top + y, left + x, c00);
        if (T.Micro == 1) return;
        Finish(c, bias, z, batch, top + y, left + x + T.Side, c01);
        Finish(c, bias, z, batch, top + y, left + x + 2 * T.Side, c02);
        Finish(c, bias, z, batch, top + y, left + x + 3 * T.Side, c03);
        Finish(c, bias, z, batch, top + y + T.Side, left + x, c10);
        Finish(c, bias, z, batch, top + y + T.Side, left + x + T.Side, c11);
        Finish(c, bias, z, batch, top + y + T.Side, left + x + 2 * T.Side, c12);
        Finish(c, bias, z, batch, top + y + T.Side, left + x + 3 * T.Side, c13);
        Finish(c, bias, z, batch, top + y + 2 * T.Side, left + x, c20);
        Finish(c, bias, z, batch, top + y + 2 * T.Side, left + x + T.Side, c21);
        Finish(c, bias, z, batch, top + y + 2 * T.Side, left + x + 2 * T.Side, c22);
        Finish(c, bias, z, batch, top + y + 2 * T.Side, left + x + 3 * T.Side, c23);
        Finish(c, bias, z, batch, top + y + 3 * T.Side, left + x, c30);
        Finish(c, bias, z, batch, top + y + 3 * T.Side, left + x + T.Side, c31);
        Finish(c, bias, z, batch, top + y + 3 * T.Side, left + x + 2 * T.Side, c32);
        Finish(c, bias, z, batch, top + y + 3 * T.Side, left + x + 3 * T.Side, c33);
    }

    private static void Finish(ArrayView<float> c, ArrayView<float> bias, MatMulArguments z, int batch, int i, int j, float sum)
    {
        if (i >= z.M || j >= z.N) return;
        int at = batch / z.Heads * z.C.Batch + batch % z.Heads * z.C.Head + i * z.C.Row + j * z.C.Column;
        if (z.HasBias != 0) sum += bias[j];
        if (z.Accumulate != 0) sum += c[at];
        c[at] = Activate(sum, z.Activation);
    }
}
