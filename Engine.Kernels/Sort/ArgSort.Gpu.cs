using System.Numerics;
using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Numbers that are sorted at once, rows filled up to a power of two: some hundred MiB of keys and indices.</summary>
    private const int SortAtOnce = 1 << 26;

    // A bitonic sort of keys with their indices, by which keys that are equal are told apart: Batcher 1968.
    private protected override void ArgSortCore(View x, View y, int rows, int columns, bool descending)
    {
        if (columns > 1 << 29) throw new DeviceException($"ArgSort: {Name} sorts rows of at most {1 << 29:N0} numbers, and these have {columns:N0}. Sort on the processor.");
        int width = (int)BitOperations.RoundUpToPowerOf2((uint)columns), rowsAtOnce = Math.Clamp(SortAtOnce / width, 1, rows), tile = 2 * GroupSize;
        Storage keys = Allocate(DType.Int32, rowsAtOnce * width, nameof(ArgSort)), order = Allocate(DType.Int32, rowsAtOnce * width, nameof(ArgSort));
        for (int row = 0; row < rows; row += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, rows - row), n = count * width;
            ArrayView<uint> k = Array<uint>(new View(keys));
            ArrayView<int> o = Ints(new View(order));
            Launch(SortKeysKernel, Linear(n), Floats(x.Slice(row * columns, count * columns)), k, o, n, columns, width, descending ? 1 : 0);
            var tiles = new ILGPU.KernelConfig((n + tile - 1) / tile, GroupSize);
            Launch(SortTileKernel, tiles, k, o, n, width, 2, Math.Min(width, tile));
            for (int run = 2 * tile; run <= width; run *= 2)
            {
                for (int apart = run / 2; apart >= tile; apart /= 2) Launch(SortStepKernel, Linear(n / 2), k, o, n, width, run, apart);
                Launch(SortTileKernel, tiles, k, o, n, width, run, run);
            }
            Launch(SortOrderKernel, Linear(count * columns), o, Ints(y.Slice(row * columns, count * columns)), count * columns, columns, width);
        }
        keys.Release(nameof(ArgSort));
        order.Release(nameof(ArgSort));
    }

    // What fills a row up has the largest key and the largest indices: it stays behind.
    private static void SortKeysKernel(ArrayView<float> x, ArrayView<uint> keys, ArrayView<int> order, int n, int columns, int width, int descending)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        int row = i / width, c = i - row * width;
        order[i] = c;
        if (c < columns) keys[i] = SortKey.Of(x[row * columns + c], descending);
        else keys[i] = uint.MaxValue;
    }

    // Each thread orders one pair. Runs of a length lie upwards and downwards in turn, but for the last one, the row.
    private static void SortStepKernel(ArrayView<uint> keys, ArrayView<int> order, int n, int width, int run, int apart)
    {
        int t = Grid.GlobalIndex.X, low = 2 * (t & ~(apart - 1)) | (t & (apart - 1)), high = low + apart;
        if (high >= n) return;
        bool up = (low & (width - 1) & run) == 0;
        if (Behind(keys[low], order[low], keys[high], order[high]) != up) return;
        uint key = keys[low];
        keys[low] = keys[high];
        keys[high] = key;
        int index = order[low];
        order[low] = order[high];
        order[high] = index;
    }

    // All steps within a group's share of the numbers, for each length of run from one to another.
    private static void SortTileKernel(ArrayView<uint> keys, ArrayView<int> order, int n, int width, int firstRun, int lastRun)
    {
        int half = Group.DimX, t = Group.IdxX, from = Grid.IdxX * 2 * half;
        var k = SharedMemory.Allocate<uint>(2 * MaxGroupSize);
        var o = SharedMemory.Allocate<int>(2 * MaxGroupSize);
        for (int i = t; i < 2 * half; i += half)
        {
            k[i] = from + i < n ? keys[from + i] : 0u;
            o[i] = from + i < n ? order[from + i] : 0;
        }
        Group.Barrier();
        for (int run = firstRun; run <= lastRun; run *= 2)
        {
            for (int apart = IntrinsicMath.Min(run / 2, half); apart > 0; apart /= 2)
            {
                int low = 2 * (t & ~(apart - 1)) | (t & (apart - 1)), high = low + apart;
                bool up = ((from + low) & (width - 1) & run) == 0;
                if (Behind(k[low], o[low], k[high], o[high]) == up)
                {
                    uint key = k[low];
                    k[low] = k[high];
                    k[high] = key;
                    int index = o[low];
                    o[low] = o[high];
                    o[high] = index;
                }
                Group.Barrier();
            }
        }
        for (int i = t; i < 2 * half; i += half)
        {
            if (from + i >= n) continue;
            keys[from + i] = k[i];
            order[from + i] = o[i];
        }
    }

    private static void SortOrderKernel(ArrayView<int> order, ArrayView<int> y, int n, int columns, int width)
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = order[i / columns * width + i % columns];
    }

    private static bool Behind(uint keyA, int a, uint keyB, int b) => keyA > keyB || (keyA == keyB && a > b);
}
