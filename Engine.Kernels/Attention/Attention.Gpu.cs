using System.Runtime.CompilerServices;
using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        var z = new AttentionArguments(x, y, sizes);
        var lengths = LengthsOf(x);
        try
        {
            if (GroupSize < 256) Run<EmulatorTile>();
            else if (FillsLarge(sizes.T, sizes.E, sizes.Batch * sizes.Heads)) Run<LargeTile>();
            else Run<MiddleTile>();
        }
        finally
        {
            lengths?.Release(nameof(AttentionForward));
        }

        void Run<T>() where T : struct, IMatMulTile
            => Launch(AttentionKernel<T>, Squares<T>(sizes.T, sizes.E, sizes.Batch * sizes.Heads), ViewsOf(x, lengths), Floats(y.Data), Floats(softmax), z);
    }

    /// <summary>A group for each square of some matrices.</summary>
    private static KernelConfig Squares<T>(int rows, int columns, int matrices) where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro;
        return new(checked((rows + block - 1) / block * ((columns + block - 1) / block) * matrices), T.Side * T.Side);
    }

    /// <summary>Whether there are rows for large squares, and enough of these to keep the device busy.</summary>
    private bool FillsLarge(int rows, int columns, int matrices)
        => rows > MiddleTile.Side * MiddleTile.Micro && Squares<LargeTile>(rows, columns, matrices).GridDim.X >= 2 * accelerator.NumMultiprocessors;

    private Storage? LengthsOf(AttentionInputs x)
    {
        if (x.Lengths is not { Length: > 0 } lengths) return null;
        var storage = Allocate(DType.Int32, lengths.Length, nameof(AttentionForward));
        UploadCore(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(lengths), new View(storage));
        return storage;
    }

    private AttentionViews ViewsOf(AttentionInputs x, Storage? lengths)
    {
        var q = Floats(x.Queries.Data);
        bool flags = x.Mask is { } given && given.Data.DType == DType.UInt8;
        return new(q, Floats(x.Keys.Data), Floats(x.Values.Data), flags ? Bytes(x.Mask!.Value.Data) : q.Cast<byte>(),
            !flags && x.Mask is { } mask ? Floats(mask.Data) : q, lengths is null ? q.Cast<int>() : Ints(new View(lengths)));
    }

    // A group has a square of results, some queries and some numbers of theirs, and takes a square of queries and keys after the other: the scores, then
    // the softmax as it runs, then what it adds. For heads wider than a square the scores are computed again for each.
    private static void AttentionKernel<T>(AttentionViews x, ArrayView<float> y, ArrayView<float> softmax, AttentionArguments z) where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = T.Side * T.Micro + 1, threads = T.Side * T.Side;
        var tileA = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var tileB = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var weights = SharedMemory.Allocate<float>(T.Side * T.Micro * (T.Side * T.Micro + 1));
        var largest = SharedMemory.Allocate<float>(T.Side * T.Micro);
        var sums = SharedMemory.Allocate<float>(T.Side * T.Micro);
        var factors = SharedMemory.Allocate<float>(T.Side * T.Micro);
        int across = (z.E + block - 1) / block, down = (z.T + block - 1) / block;
        int left = Grid.IdxX % across * block, top = Grid.IdxX / across % down * block, h = Grid.IdxX / across / down % z.Heads, b = Grid.IdxX / across / down / z.Heads;
        int g = h / z.Group, rows = IntrinsicMath.Min(block, z.T - top), keys = AttentionArguments.Keys(x, z, b), seen = keys;
        if (z.Causal != 0) seen = IntrinsicMath.Min(keys, z.Past + top + rows);
        for (int r = Group.IdxX; r < block; r += threads)
        {
            largest[r] = float.NegativeInfinity;
            sums[r] = 0f;
        }
        var result = new MicroTile();
        for (int first = 0; first < seen; first += block)
        {
            int count = IntrinsicMath.Min(block, seen - first);
            var s = Products<T>(tileA, tileB, x.Q, z.Q.At(b, h, top), z.Q.Row, rows, x.K, z.K.At(b, g, first), z.K.Row, count, z.D);
            MicroTile.Share<T>(s, weights, stride);
            Group.Barrier();
            for (int e = Group.IdxX; e < block * block; e += threads)
            {
                int r = e / block, c = e % block;
                weights[r * stride + c] = AttentionArguments.Score(x, z, b, h, top + r, first + c, seen, weights[r * stride + c]);
            }
            Group.Barrier();
            for (int r = Group.IdxX; r < block; r += threads)
            {
                float before = largest[r], most = before;
                for (int c = 0; c < block; c++)
                {
                    float score = weights[r * stride + c];
                    if (score > most) most = score;
                }
                // While none was seen, exp(−∞ − 0), and not of ∞ − ∞.
                float shift = most == float.NegativeInfinity ? 0f : most;
                factors[r] = FloatMath.Exp(before - shift);
                largest[r] = most;
            }
            Group.Barrier();
            for (int e = Group.IdxX; e < block * block; e += threads)
            {
                int r = e / block, at = r * stride + e % block;
                float most = largest[r], shift = most == float.NegativeInfinity ? 0f : most;
                weights[at] = FloatMath.Exp(weights[at] - shift);
            }
            Group.Barrier();
            for (int r = Group.IdxX; r < block; r += threads)
            {
                float sum = 0f;
                for (int c = 0; c < block; c++) sum += weights[r * stride + c];
                sums[r] = sums[r] * factors[r] + sum;
            }
            result = MicroTile.Scale<T>(result, factors);
            Group.Barrier();
            if (z.Least != 0)
            {
                for (int e = Group.IdxX; e < block * block; e += threads)
                {
                    int r = e / block, c = e % block;
                    weights[r * stride + c] *= AttentionArguments.Drawn(z, b, h, top + r, first + c);
                }
                Group.Barrier();
            }
            result = Weighted<T>(result, weights, tileB, x.V, z.V.At(b, g, first) + left, z.V.Row, count, z.E - left);
        }
        Group.Barrier();
        for (int r = Group.IdxX; r < block; r += threads)
        {
            float sum = sums[r];
            float inverse = sum == 0f ? 0f : 1f / sum;
            if (left == 0 && r < rows)
            {
                int at = 2 * ((b * z.Heads + h) * z.T + top + r);
                softmax[at] = sum == 0f ? float.PositiveInfinity : largest[r];
                softmax[at + 1] = inverse;
            }
            factors[r] = inverse;
        }
        Group.Barrier();
        MicroTile.Store<T>(MicroTile.Scale<T>(result, factors), 1f, y, z.Y.At(b, h, top) + left, z.Y.Row, rows, z.E - left);
    }

    /// <summary>A square of products of rows with rows, which lie along memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MicroTile Products<T>(ArrayView<float> tileA, ArrayView<float> tileB, ArrayView<float> a, int aFrom, int aRow, int aRows, ArrayView<float> b, int bFrom, int bRow, int bRows,
        int depth) where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = block + 1;
        var sum = new MicroTile();
        for (int start = 0; start < depth; start += T.Depth)
        {
            for (int e = Group.IdxX; e < block * T.Depth; e += T.Side * T.Side)
            {
                int r = e / T.Depth, p = e % T.Depth;
                float value = 0f;
                if (r < aRows && start + p < depth) value = a[aFrom + r * aRow + start + p];
                tileA[p * stride + r] = value;
                value = 0f;
                if (r < bRows && start + p < depth) value = b[bFrom + r * bRow + start + p];
                tileB[p * stride + r] = value;
            }
            Group.Barrier();
            sum = MicroTile.MultiplyAdd<T>(sum, tileA, 0, stride, 1, tileB, stride, T.Depth);
            Group.Barrier();
        }
        return sum;
    }

    /// <summary>sum + weights·rows, for some columns of the rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MicroTile Weighted<T>(MicroTile sum, ArrayView<float> weights, ArrayView<float> tile, ArrayView<float> x, int from, int row, int rows, int columns) where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = block + 1;
        for (int start = 0; start < rows; start += T.Depth)
        {
            for (int e = Group.IdxX; e < block * T.Depth; e += T.Side * T.Side)
            {
                int c = e % block, p = e / block;
                float value = 0f;
                if (c < columns && start + p < rows) value = x[from + (start + p) * row + c];
                tile[p * stride + c] = value;
            }
            Group.Barrier();
            sum = MicroTile.MultiplyAdd<T>(sum, weights, start, 1, stride, tile, stride, T.Depth);
            Group.Barrier();
        }
        return sum;
    }
}
