using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void AttentionBackwardCore(AttentionInputs x, Matrices y, View softmax, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes)
    {
        var z = new AttentionArguments(x, y, sizes);
        HeadStrides given = new(dy);
        var lengths = LengthsOf(x);
        Storage? deltas = null;
        try
        {
            deltas = Allocate(DType.Float32, sizes.Rows, nameof(AttentionBackward));
            ArrayView<float> forwarded = Floats(y.Data), gradient = Floats(dy.Data), saved = Floats(softmax), products = Floats(new View(deltas));
            if (sizes.Rows > 0) Launch(AttentionDeltaKernel, Linear(sizes.Rows), forwarded, gradient, products, z, given, sizes.Rows);
            Run<GradientOfQueries>(dq, sizes.T, sizes.D, sizes.Heads, gradient, saved, products);
            Run<GradientOfKeys>(dk, sizes.S, sizes.D, sizes.KeyHeads, gradient, saved, products);
            Run<GradientOfValues>(dv, sizes.S, sizes.E, sizes.KeyHeads, gradient, saved, products);
        }
        finally
        {
            deltas?.Release(nameof(AttentionBackward));
            lengths?.Release(nameof(AttentionBackward));
        }

        void Run<M>(Matrices target, int rows, int columns, int heads, ArrayView<float> gradient, ArrayView<float> saved, ArrayView<float> products) where M : struct, IAttentionGradient
        {
            if (rows == 0 || columns == 0) return;
            if (GroupSize < 256) With<EmulatorTile>();
            else if (FillsLarge(rows, columns, sizes.Batch * heads)) With<LargeTile>();
            else With<MiddleTile>();

            void With<T>() where T : struct, IMatMulTile
                => Launch(AttentionGradientKernel<M, T>, Squares<T>(rows, columns, sizes.Batch * heads), ViewsOf(x, lengths), gradient, saved, products, Floats(target.Data), z, given,
                    new HeadStrides(target));
        }
    }

    /// <summary>Which gradient a kernel makes.</summary>
    internal interface IAttentionGradient
    {
        /// <summary>Its rows are those of keys and values, and what they meet are queries.</summary>
        static abstract bool OfKeys { get; }

        /// <summary>Its weights are p, not ds.</summary>
        static abstract bool OfValues { get; }
    }

    internal readonly struct GradientOfQueries : IAttentionGradient
    {
        public static bool OfKeys => false;

        public static bool OfValues => false;
    }

    internal readonly struct GradientOfKeys : IAttentionGradient
    {
        public static bool OfKeys => true;

        public static bool OfValues => false;
    }

    internal readonly struct GradientOfValues : IAttentionGradient
    {
        public static bool OfKeys => true;

        public static bool OfValues => true;
    }

    // δ_i = dy_i·y_i
    private static void AttentionDeltaKernel(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> deltas, AttentionArguments z, HeadStrides given, int n)
    {
        int row = Grid.GlobalIndex.X;
        if (row >= n) return;
        int i = row % z.T, h = row / z.T % z.Heads, b = row / z.T / z.Heads, from = z.Y.At(b, h, i), to = given.At(b, h, i);
        float sum = 0f;
        for (int c = 0; c < z.E; c++) sum += y[from + c] * dy[to + c];
        deltas[row] = sum;
    }

    // A group has a square of the gradient, and takes a square of weights after the other, whose rows are the gradient's: queries with the keys that they see,
    // or keys with the queries that see them, of all heads that share these keys.
    private static void AttentionGradientKernel<M, T>(AttentionViews x, ArrayView<float> dy, ArrayView<float> softmax, ArrayView<float> deltas, ArrayView<float> target, AttentionArguments z,
        HeadStrides given, HeadStrides to) where M : struct, IAttentionGradient where T : struct, IMatMulTile
    {
        int block = T.Side * T.Micro, stride = T.Side * T.Micro + 1, threads = T.Side * T.Side;
        var tileA = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var tileB = SharedMemory.Allocate<float>(T.Depth * (T.Side * T.Micro + 1));
        var weights = SharedMemory.Allocate<float>(T.Side * T.Micro * (T.Side * T.Micro + 1));
        int columns = M.OfValues ? z.E : z.D, all = M.OfKeys ? z.S : z.T, heads = M.OfKeys ? z.KeyHeads : z.Heads;
        int across = (columns + block - 1) / block, down = (all + block - 1) / block;
        int left = Grid.IdxX % across * block, top = Grid.IdxX / across % down * block, head = Grid.IdxX / across / down % heads, b = Grid.IdxX / across / down / heads;
        int rows = IntrinsicMath.Min(block, all - top), keys = AttentionArguments.Keys(x, z, b);
        if (z.Causal != 0) keys = IntrinsicMath.Min(keys, z.Past + z.T);      // those behind are hidden from every query, and not read
        int firstHead = M.OfKeys ? head * z.Group : head, lastHead = M.OfKeys ? firstHead + z.Group : head + 1;
        // Which keys a row of queries meets, or which queries a row of keys.
        int from = 0, end = M.OfKeys ? z.T : keys;
        if (z.Causal != 0 && !M.OfKeys) end = IntrinsicMath.Min(keys, z.Past + top + rows);
        if (z.Causal != 0 && M.OfKeys) from = IntrinsicMath.Max(0, top - z.Past);
        if (M.OfKeys && top >= keys) from = end;
        var sum = new MicroTile();
        for (int h = firstHead; h < lastHead; h++)
        {
            int g = h / z.Group, row = (b * z.Heads + h) * z.T;
            for (int other = from; other < end; other += block)
            {
                int count = IntrinsicMath.Min(block, end - other), i = M.OfKeys ? other : top, j = M.OfKeys ? top : other, queries = M.OfKeys ? count : rows;
                int many = IntrinsicMath.Min(M.OfKeys ? rows : count, keys - j);
                int q = z.Q.At(b, h, i), k = z.K.At(b, g, j), v = z.V.At(b, g, j), d = given.At(b, h, i);
                var s = M.OfKeys
                    ? Products<T>(tileA, tileB, x.K, k, z.K.Row, many, x.Q, q, z.Q.Row, queries, z.D)
                    : Products<T>(tileA, tileB, x.Q, q, z.Q.Row, queries, x.K, k, z.K.Row, many, z.D);
                MicroTile.Share<T>(s, weights, stride);
                Group.Barrier();
                for (int e = Group.IdxX; e < block * block; e += threads)
                {
                    int r = e / block, c = e % block, query = i + (M.OfKeys ? c : r), key = j + (M.OfKeys ? r : c);
                    float score = AttentionArguments.Score(x, z, b, h, query, key, keys, weights[r * stride + c]), weight = 0f;
                    if (score != float.NegativeInfinity)
                    {
                        int at = 2 * (row + query);
                        weight = FloatMath.Exp(score - softmax[at]) * softmax[at + 1];
                        if (z.Least != 0)
                        {
                            float kept = AttentionArguments.Drawn(z, b, h, query, key);
                            if (M.OfValues) weight *= kept;
                            else if (kept == 0f) weight = -weight;          // p is not below 0: the sign says that it is dropped
                        }
                    }
                    weights[r * stride + c] = weight;
                }
                Group.Barrier();
                if (!M.OfValues)
                {
                    var dp = M.OfKeys
                        ? Products<T>(tileA, tileB, x.V, v, z.V.Row, many, dy, d, given.Row, queries, z.E)
                        : Products<T>(tileA, tileB, dy, d, given.Row, queries, x.V, v, z.V.Row, many, z.E);
                    MicroTile.ShareGradient<T>(dp, z.Kept, weights, stride, deltas, row + i, queries, M.OfKeys);
                    Group.Barrier();
                }
                if (!M.OfKeys) sum = Weighted<T>(sum, weights, tileB, x.K, k + left, z.K.Row, many, columns - left);
                else if (M.OfValues) sum = Weighted<T>(sum, weights, tileB, dy, d + left, given.Row, queries, columns - left);
                else sum = Weighted<T>(sum, weights, tileB, x.Q, q + left, z.Q.Row, queries, columns - left);
            }
        }
        MicroTile.Store<T>(sum, M.OfValues ? 1f : z.Scale, target, to.At(b, head, top) + left, to.Row, rows, columns - left);
    }
}
