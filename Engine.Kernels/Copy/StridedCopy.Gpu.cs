using ILGPU;
using ILGPU.Runtime;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private const int TransposeTile = 32;

    private protected override void StridedCopyCore(View x, View y, CopySizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: StridedCopy<int>(x, y, sizes); break;
            case 2: StridedCopy<ushort>(x, y, sizes); break;
            default: StridedCopy<byte>(x, y, sizes); break;
        }
    }

    private void StridedCopy<T>(View x, View y, CopySizes sizes) where T : unmanaged
    {
        // Below half a tile the shared memory would be mostly idle threads.
        if (TransposeSizes.TryFrom(sizes, out var z) && Math.Min(z.P, z.Q) > TransposeTile / 2)
            Launch(TransposeKernel, new KernelConfig(z.Outer.Count * Tiles(z.P) * Tiles(z.Q), GroupSize), Array<T>(x), Array<T>(y), z);
        else
            Launch(StridedCopyKernel, Linear(sizes.Count), Array<T>(x), Array<T>(y), sizes.Count, sizes);
    }

    private static int Tiles(int size) => (size + TransposeTile - 1) / TransposeTile;

    private static void StridedCopyKernel<T>(ArrayView<T> x, ArrayView<T> y, int n, CopySizes z) where T : unmanaged
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[z.Sizes.Offset(i, z.To)] = x[z.Start + z.Sizes.Offset(i, z.From)];
    }

    // A group turns one tile in shared memory, so that both reading and writing go along rows.
    private static void TransposeKernel<T>(ArrayView<T> x, ArrayView<T> y, TransposeSizes z) where T : unmanaged
    {
        var tile = SharedMemory.Allocate<T>(TransposeTile * (TransposeTile + 1));   // one column more, so that a column lies in all banks
        int across = (z.P + TransposeTile - 1) / TransposeTile, down = (z.Q + TransposeTile - 1) / TransposeTile;
        int outer = Grid.IdxX / (across * down), q = Grid.IdxX / across % down * TransposeTile, p = Grid.IdxX % across * TransposeTile;
        int from = z.Start + z.Outer.Offset(outer, z.From) + p * z.FromP + q, to = z.Outer.Offset(outer, z.To) + q * z.ToQ + p;
        for (int e = Group.IdxX; e < TransposeTile * TransposeTile; e += Group.DimX)
        {
            int i = e / TransposeTile, j = e % TransposeTile;
            if (p + i < z.P && q + j < z.Q) tile[i * (TransposeTile + 1) + j] = x[from + i * z.FromP + j];
        }
        Group.Barrier();
        for (int e = Group.IdxX; e < TransposeTile * TransposeTile; e += Group.DimX)
        {
            int j = e / TransposeTile, i = e % TransposeTile;
            if (p + i < z.P && q + j < z.Q) y[to + j * z.ToQ + i] = tile[i * (TransposeTile + 1) + j];
        }
    }
}
