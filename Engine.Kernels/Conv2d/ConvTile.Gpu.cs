using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    // As MatMulKernel, but the numbers of A and B are looked up: one group computes one square of a group's product, or a slice of its terms.
    private static void ConvProductKernel<O, T>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, ConvArguments z,
        int slices, int hasBias, int activation) where O : struct, IConvProduct where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = T.Side * T.Micro + 1;
        var tileA = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var tileB = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        int rows = O.Rows(z), columns = O.Columns(z), depth = O.Depth(z);
        int across = (columns + block - 1) / block, down = (rows + block - 1) / block;
        int left = Grid.IdxX % across * block, top = Grid.IdxX / across % down * block;
        int group = Grid.IdxX / across / down % z.Groups, slice = Grid.IdxX / across / down / z.Groups;
        int each = (depth + slices - 1) / slices, end = (slice + 1) * each;
        if (end > depth) end = depth;
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side;
        // A thread gathers numbers of one column, whose place it works out once.
        int j = Group.IdxX % block;
        var place = O.Column(z, left + j);
        float c00 = 0f, c01 = 0f, c02 = 0f, c03 = 0f;
        float c10 = 0f, c11 = 0f, c12 = 0f, c13 = 0f;
        float c20 = 0f, c21 = 0f, c22 = 0f, c23 = 0f;
        float c30 = 0f, c31 = 0f, c32 = 0f, c33 = 0f;
        for (int start = slice * each; start < end; start += T.Depth)
        {
            for (int e = Group.IdxX; e < block * T.Depth; e += T.Side * T.Side)
            {
                int i = e / T.Depth, p = e % T.Depth, q = e / block;
                float value = 0f;
                if (top + i < rows && start + p < end) value = O.A(a, z, group, top + i, start + p);
                tileA[p * stride + i] = value;
                value = 0f;
                if (left + j < columns && start + q < end) value = O.B(b, z, group, place, start + q);
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
        int to = slice * z.Groups * rows * columns;
        FinishRow<O, T>(c, bias, z, group, to, hasBias, activation, top + y, left + x, c00, c01, c02, c03);
        if (T.Micro == 1) return;
        FinishRow<O, T>(c, bias, z, group, to, hasBias, activation, top + y + T.Side, left + x, c10, c11, c12, c13);
        FinishRow<O, T>(c, bias, z, group, to, hasBias, activation, top + y + 2 * T.Side, left + x, c20, c21, c22, c23);
        FinishRow<O, T>(c, bias, z, group, to, hasBias, activation, top + y + 3 * T.Side, left + x, c30, c31, c32, c33);
    }

    private static void FinishRow<O, T>(ArrayView<float> c, ArrayView<float> bias, ConvArguments z, int group, int to, int hasBias, int activation,
        int i, int j, float c0, float c1, float c2, float c3) where O : struct, IConvProduct where T : struct, IMatMulTile
    {
        int rows = O.Rows(z), columns = O.Columns(z);
        if (i >= rows) return;
        float b = 0f;
        if (hasBias != 0) b = bias[group * rows + i];
        if (j < columns) c[to + O.Result(z, group, i, j)] = Activate(c0 + b, activation);
        if (T.Micro == 1) return;
        if (j + T.Side < columns) c[to + O.Result(z, group, i, j + T.Side)] = Activate(c1 + b, activation);
        if (j + 2 * T.Side < columns) c[to + O.Result(z, group, i, j + 2 * T.Side)] = Activate(c2 + b, activation);
        if (j + 3 * T.Side < columns) c[to + O.Result(z, group, i, j + 3 * T.Side)] = Activate(c3 + b, activation);
    }
}
