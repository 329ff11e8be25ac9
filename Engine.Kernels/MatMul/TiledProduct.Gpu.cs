using ILGPU;

namespace Engine.Kernels;

/// <summary>Three numbers that say where a column of a product lies.</summary>
internal readonly record struct ColumnPlace(int A, int B, int C);

/// <summary>A product of two matrices, C = A·B, for each of some batches, whose numbers are looked up where they lie and stored where they
/// belong.</summary>
/// <typeparam name="Z">Its sizes, as the kernel is given them.</typeparam>
internal interface ITiledProduct<Z>
{
    static abstract int Rows(Z z);

    static abstract int Columns(Z z);

    /// <summary>Terms of each sum.</summary>
    static abstract int Depth(Z z);

    static abstract int Batches(Z z);

    /// <summary>Neighbours in memory are neighbouring terms of a row of A, and not numbers of neighbouring rows.</summary>
    static abstract bool DepthFirstA(Z z);

    /// <summary>Likewise of a column of B.</summary>
    static abstract bool DepthFirstB(Z z);

    /// <summary>What a thread works out once for its column j.</summary>
    static abstract ColumnPlace Column(Z z, int j);

    static abstract float A(ArrayView<float> a, Z z, int batch, int i, int p);

    static abstract float B(ArrayView<float> b, Z z, int batch, ColumnPlace column, int p);

    /// <summary>Stores a sum, or what a slice of its terms makes, with what the epilogue adds.</summary>
    static abstract void Store(ArrayView<float> c, ArrayView<float> bias, Z z, int batch, int slice, int i, int j, float sum);
}

public sealed partial class GpuDevice
{
    private void LaunchProduct<O, Z>(View a, View b, View c, View? bias, Z z, int slices = 1) where O : struct, ITiledProduct<Z> where Z : struct
    {
        if (GroupSize < 256) Run<EmulatorTile>(ProductKernel<O, Z, EmulatorTile>);
        else if (Groups<O, Z, LargeTile>(z) * slices >= 2L * accelerator.NumMultiprocessors) Run<LargeTile>(ProductKernel<O, Z, LargeTile>);
        else Run<SmallTile>(ProductKernel<O, Z, SmallTile>);

        void Run<T>(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, Z, int> kernel) where T : struct, IMatMulTile
            => Launch(kernel, new KernelConfig((int)(Groups<O, Z, T>(z) * slices), T.Side * T.Side), Floats(a), Floats(b), Floats(c), Floats(bias ?? c), z, slices);
    }

    /// <summary>Squares of all batches of a product.</summary>
    private static long Groups<O, Z, T>(Z z) where O : struct, ITiledProduct<Z> where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro;
        return (long)((O.Rows(z) + block - 1) / block) * ((O.Columns(z) + block - 1) / block) * O.Batches(z);
    }

    // One group computes one square of a batch's C, or a slice of its terms: thread (x, y) has the numbers at rows y, y + Side, ... and columns
    // x, x + Side, ...
    private static void ProductKernel<O, Z, T>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, Z z, int slices)
        where O : struct, ITiledProduct<Z> where Z : struct where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = T.Side * T.Micro + 1;        // one more, so that a column lies over all banks
        var tileA = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var tileB = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        int rows = O.Rows(z), columns = O.Columns(z), depth = O.Depth(z);
        int across = (columns + block - 1) / block, down = (rows + block - 1) / block;
        int left = Grid.IdxX % across * block, top = Grid.IdxX / across % down * block;
        int batch = Grid.IdxX / across / down % O.Batches(z), slice = Grid.IdxX / across / down / O.Batches(z);
        int each = (depth + slices - 1) / slices, end = (slice + 1) * each;
        if (end > depth) end = depth;
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side;
        // Where columns are neighbours, all that a thread gathers is of one, whose place it works out once (if block divides the threads).
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
                int i = e % block, p = e / block, q = e / block;
                if (O.DepthFirstA(z))
                {
                    i = e / T.Depth;
                    p = e % T.Depth;
                }
                if (O.DepthFirstB(z))
                {
                    j = e / T.Depth;
                    q = e % T.Depth;
                    place = O.Column(z, left + j);
                }
                else if (T.Side < T.Micro)
                {
                    j = e % block;
                    place = O.Column(z, left + j);
                }
                float value = 0f;
                if (top + i < rows && start + p < end) value = O.A(a, z, batch, top + i, start + p);
                tileA[p * stride + i] = value;
                value = 0f;
                if (left + j < columns && start + q < end) value = O.B(b, z, batch, place, start + q);
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
        StoreRow<O, Z, T>(c, bias, z, batch, slice, top + y, left + x, c00, c01, c02, c03);
        if (T.Micro == 1) return;
        StoreRow<O, Z, T>(c, bias, z, batch, slice, top + y + T.Side, left + x, c10, c11, c12, c13);
        StoreRow<O, Z, T>(c, bias, z, batch, slice, top + y + 2 * T.Side, left + x, c20, c21, c22, c23);
        StoreRow<O, Z, T>(c, bias, z, batch, slice, top + y + 3 * T.Side, left + x, c30, c31, c32, c33);
    }

    private static void StoreRow<O, Z, T>(ArrayView<float> c, ArrayView<float> bias, Z z, int batch, int slice, int i, int j, float c0, float c1, float c2, float c3)
        where O : struct, ITiledProduct<Z> where T : struct, IMatMulTile
    {
        int columns = O.Columns(z);
        if (i >= O.Rows(z)) return;
        if (j < columns) O.Store(c, bias, z, batch, slice, i, j, c0);
        if (T.Micro == 1) return;
        if (j + T.Side < columns) O.Store(c, bias, z, batch, slice, i, j + T.Side, c1);
        if (j + 2 * T.Side < columns) O.Store(c, bias, z, batch, slice, i, j + 2 * T.Side, c2);
        if (j + 3 * T.Side < columns) O.Store(c, bias, z, batch, slice, i, j + 3 * T.Side, c3);
    }
}
