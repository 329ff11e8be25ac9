using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Queries that meet a tile of keys at a time.</summary>
    private const int BackwardQueries = 64;

    /// <summary>Numbers of all copies of dq that tasks which share a head fill: 256 MB. One copy there is unless a thread's own room holds it.</summary>
    private const long MostShares = 1 << 26;

    // A task takes some keys of a key head through all queries that see them: their dk and dv are its own. It also makes what these keys give to dq: in its
    // thread's own room, or where that is much or several tasks share a head, each in its share, and these are added up in order.
    private protected override void AttentionBackwardCore(AttentionInputs x, Matrices y, View softmax, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes)
    {
        var (batch, heads, keyHeads, t, s, d, e) = sizes;
        var rows = new AttentionRows(x, sizes);
        HeadRows results = new(y), gradients = new(dy), queries = new(dq), keys = new(dk), values = new(dv);
        nint saved = (nint)Floats(softmax);
        int wide = WholeColumns(d), most = (int)Math.Clamp(MostShares / Math.Max(1, (long)sizes.Rows * wide), 1, EnoughParts);
        int tiles = Parts(s, KeyTile), parts = Math.Min(Math.Min(tiles, most), Parts(EnoughParts, batch * keyHeads)), each = Parts(tiles, Math.Max(1, parts)) * KeyTile;
        parts = Parts(s, Math.Max(1, each));
        bool alone = parts == 1 && (long)sizes.Group * t * wide <= OwnRoom;
        var shares = Allocate(DType.Float32, !alone ? checked(parts * sizes.Rows * wide) : 0, nameof(AttentionBackward));
        try
        {
            nint shared = (nint)Floats(new View(shares));
            workers.For(batch * keyHeads * parts, (rows, results, gradients, queries, keys, values, saved, shared, keyHeads, parts, each, wide, alone), static (task, given) =>
            {
                var (rows, results, gradients, queries, keys, values, saved, shared, keyHeads, parts, each, wide, alone) = given;
                var sizes = rows.Sizes;
                var (b, g, first) = PartOfHead(task, parts, each, keyHeads);
                var block = new BackwardBlock(rows, results, gradients, queries, keys, values, (float*)saved, alone ? null : (float*)shared + ((nint)(task % parts) * sizes.Rows + (nint)(b * keyHeads + g) * sizes.Group * sizes.T) * wide, b, g);
                var ahead = new RowsAhead(2);
                block.AddWritten(ref ahead, first);
                if (task + 1 < sizes.Batch * keyHeads * parts)
                {
                    var (nextB, nextG, nextKey) = PartOfHead(task + 1, parts, each, keyHeads);
                    ahead.Add(rows.K, nextB, nextG, nextKey, sizes.S - nextKey, sizes.D);
                    ahead.Add(rows.V, nextB, nextG, nextKey, sizes.S - nextKey, sizes.E);
                    ahead.Add(rows.Q, nextB, nextG * sizes.Group, 0, sizes.T, sizes.D);
                    ahead.Add(gradients, nextB, nextG * sizes.Group, 0, sizes.T, sizes.E);
                    ahead.Add(results, nextB, nextG * sizes.Group, 0, sizes.T, sizes.E);
                }
                block.Run(first, Math.Min(each, sizes.S - first), ref ahead);
            });
            if (alone) return;
            workers.For(sizes.Rows, Math.Max(1, ElementwiseGrain / wide), (shared, queries, sizes, heads, t, d, parts, wide), static (begin, end, given) =>
            {
                var (shared, queries, sizes, heads, t, d, parts, wide) = given;
                for (int row = begin; row < end; row++)
                {
                    int i = row % t, h = row / t % heads, b = row / t / heads;
                    float* sum = (float*)shared + (nint)row * wide, target = queries.At(b, h, i);
                    if (parts == 0) new Span<float>(target, d).Clear();
                    for (int part = 1; part < parts; part++) AddRow(sum + (nint)part * sizes.Rows * wide, sum, wide);
                    if (parts > 0) Scale(sum, (float)sizes.Scale, target, d);
                }
            });
        }
        finally
        {
            shares.Release(nameof(AttentionBackward));
        }
    }

    /// <summary>Keys of a head, and all queries that see them.</summary>
    /// <param name="x">What forward read.</param>
    /// <param name="y">What it gave.</param>
    /// <param name="dy">The gradient of that.</param>
    /// <param name="dq">Where the gradient of queries goes.</param>
    /// <param name="dk">Of keys.</param>
    /// <param name="dv">Of values.</param>
    /// <param name="softmax">m and 1/Σ of all rows.</param>
    /// <param name="share">Where what these keys give to dq / scale goes, for the query heads that share them: rows in whole vectors. Null where dq is made in the thread's own room.</param>
    /// <param name="b">The example.</param>
    /// <param name="g">The key head.</param>
    private readonly struct BackwardBlock(AttentionRows x, HeadRows y, HeadRows dy, HeadRows dq, HeadRows dk, HeadRows dv, float* softmax, float* share, int b, int g)
    {
        private readonly AttentionSizes z = x.Sizes;

        private int WideD => WholeColumns(z.D);

        private int WideE => WholeColumns(z.E);

        /// <summary>Where the row of a query stands among those of the heads that share the keys.</summary>
        private int Row(int h, int i) => (h - g * z.Group) * z.T + i;

        /// <summary>Foresees what a run from a key on will write.</summary>
        public void AddWritten(ref RowsAhead ahead, int first)
        {
            ahead.Add(dk, b, g, first, z.S - first, z.D);
            ahead.Add(dv, b, g, first, z.S - first, z.E);
            if (share is null) ahead.Add(dq, b, g * z.Group, 0, z.T, z.D);
        }

        public void Run(int first, int count, ref RowsAhead ahead)
        {
            int block = Gemm.Even(Math.Max(1, z.T), BackwardQueries), seen = z.T > 0 ? x.Seen(b, z.T - 1) : 0;
            var room = new Room(Gemm.Scratch.Take(Room.Length(block, z, share is null)), share, block, z);
            for (int j = first; j < first + count; j += KeyTile)
            {
                int all = Math.Min(KeyTile, first + count - j), keys = Math.Min(all, seen - j);
                if (keys > 0) Gather(room, block, j, keys, j == first, ref ahead);
                else if (j == first) ClearQueries(room, 0, z.T);
                for (int k = Math.Max(0, keys); k < all; k++)
                {
                    new Span<float>(room.DK + k * WideD, WideD).Clear();
                    new Span<float>(room.DV + k * WideE, WideE).Clear();
                }
                for (int k = 0; k < all; k++)
                {
                    Scale(room.DK + k * WideD, (float)z.Scale, dk.At(b, g, j + k), z.D);
                    Scale(room.DV + k * WideE, 1, dv.At(b, g, j + k), z.E);
                }
            }
            if (share is not null) return;
            for (int h = g * z.Group; h < (g + 1) * z.Group; h++)
                for (int i = 0; i < z.T; i++) Scale(room.DQ + (nint)Row(h, i) * WideD, (float)z.Scale, dq.At(b, h, i), z.D);
        }

        private void ClearQueries(in Room room, int begin, int end)
        {
            for (int h = g * z.Group; h < (g + 1) * z.Group; h++) new Span<float>(room.DQ + (nint)Row(h, begin) * WideD, (end - begin) * WideD).Clear();
        }

        private void Gather(in Room room, int block, int j, int keys, bool isFirst, ref RowsAhead ahead)
        {
            Gemm.Pack(x.K.At(b, g, j), (int)x.K.Row, 1, keys, Gemm.TileColumns, z.D, room.KeyColumns);
            Gemm.Pack(x.V.At(b, g, j), (int)x.V.Row, 1, keys, Gemm.TileColumns, z.E, room.ValueColumns);
            Gemm.Pack(x.K.At(b, g, j), 1, (int)x.K.Row, z.D, Gemm.TileColumns, keys, room.KeyRows);
            int first = z.Causal ? Math.Max(0, j - z.Past) / block * block : 0;
            if (isFirst) ClearQueries(room, 0, first);
            for (int h = g * z.Group; h < (g + 1) * z.Group; h++)
                for (int i = first; i < z.T; i += block)
                {
                    int rows = Math.Min(block, z.T - i);
                    if (isFirst) FindDeltas(room, h, i, rows);
                    Meet(room, h, i, rows, j, keys, !isFirst, h > g * z.Group || i > first, ref ahead);
                }
        }

        /// <summary>dy·y of some queries.</summary>
        private void FindDeltas(in Room room, int h, int first, int rows)
        {
            for (int i = first; i < first + rows; i++) room.Deltas[Row(h, i)] = Dot(dy.At(b, h, i), y.At(b, h, i), z.E);
        }

        /// <summary>Some queries of a head and a tile of keys.</summary>
        private void Meet(in Room room, int h, int first, int rows, int j, int keys, bool addsToQueries, bool addsToKeys, ref RowsAhead ahead)
        {
            int height = Gemm.Even(rows, Gemm.TileRows), step = (height + 3) & ~3;
            for (int top = 0; top < rows; top += height)
            {
                int count = Math.Min(height, rows - top), some = Math.Clamp(x.Seen(b, first + top + count - 1) - j, 0, keys);
                float* s = room.S + top * KeyTile, ds = room.DS + top * KeyTile;
                Gemm.Pack(x.Q.At(b, h, first + top), x.Q.Row, 1, count, count, z.D, room.Packed);
                Products(count, some, z.D, room.Packed, count, room.KeyColumns, z.D, s, KeyTile, false, ref ahead);
                Gemm.Pack(dy.At(b, h, first + top), dy.Row, 1, count, count, z.E, room.Packed);
                Products(count, some, z.E, room.Packed, count, room.ValueColumns, z.E, ds, KeyTile, false, ref ahead);
                for (int i = 0; i < count; i++) Weigh(room, h, first + top + i, top + i, j, some, keys);
                // dq += ds·k, for which ds is turned over.
                Gemm.Pack(ds, KeyTile, 1, step, step, some, room.Packed);
                Products(count, z.D, some, room.Packed, step, room.KeyRows, keys, room.DQ + (nint)Row(h, first + top) * WideD, WideD, addsToQueries, ref ahead);
            }
            // dk += dsᵀ·q and dv += pᵀ·dy.
            int offset = j - z.Past - first;
            Gemm.Pack(x.Q.At(b, h, first), 1, (int)x.Q.Row, z.D, Gemm.TileColumns, rows, room.Packed);
            Gradient(keys, z.D, rows, offset, room.DS, room.Packed, room.DK, WideD, addsToKeys, ref ahead);
            Gemm.Pack(dy.At(b, h, first), 1, (int)dy.Row, z.E, Gemm.TileColumns, rows, room.Packed);
            Gradient(keys, z.E, rows, offset, room.S, room.Packed, room.DV, WideE, addsToKeys, ref ahead);
        }

        /// <summary>What some queries give to the gradients of a tile of keys.</summary>
        private void Gradient(int keys, int columns, int rows, int offset, float* weights, float* panels, float* sum, int wide, bool accumulate, ref RowsAhead ahead)
        {
            int height = Gemm.Even(keys, Gemm.TileRows);
            for (int k = 0; k < keys; k += height)
            {
                int first = z.Causal ? Math.Clamp(offset + k, 0, rows) : 0;     // the first of the queries that sees key k
                for (int c = 0; c < columns; c += Gemm.TileColumns)
                {
                    ahead.Ask();
                    Gemm.Tile(Math.Min(height, keys - k), columns - c, rows - first, weights + first * KeyTile + k, KeyTile,
                        panels + (nint)c * rows + first * Gemm.TileColumns, Gemm.TileColumns, sum + k * wide + c, wide, accumulate);
                }
            }
        }

        /// <summary>Products of the rows of a register tile with panels.</summary>
        private static void Products(int rows, int columns, int depth, float* a, int aStep, float* panels, int panelDepth, float* c, int cRow, bool accumulate, ref RowsAhead ahead)
        {
            for (int j = 0; j < columns; j += Gemm.TileColumns)
            {
                ahead.Ask();
                Gemm.Tile(rows, columns - j, depth, a, aStep, panels + (nint)j * panelDepth, Gemm.TileColumns, c + j, cRow, accumulate);
            }
        }

        /// <summary>A row of scores becomes that of the weights p, and one of dy·v that of ds / scale = p (dy·v − dy·y).</summary>
        /// <remarks>The first <paramref name="some"/> of the keys are all that the tile's queries see, and of those that this one does not see both are 0.</remarks>
        private void Weigh(in Room room, int h, int i, int row, int j, int some, int keys)
        {
            float* s = room.S + row * KeyTile, ds = room.DS + row * KeyTile, saved = softmax + 2 * (((nint)b * z.Heads + h) * z.T + i);
            int seen = Math.Clamp(x.Seen(b, i) - j, 0, some);
            float scale = (float)z.Scale, delta = room.Deltas[Row(h, i)];
            if (x.Masked)
            {
                x.Score(s, b, h, i, j, seen, room.Added);
                scale = 1;
            }
            if (z.Dropout == 0)
            {
                Weigh(s, ds, seen, scale, saved[0], saved[1], delta);
            }
            else
            {
                // All before the loop, whose vectors would go to the stack around a call.
                for (int k = 0; k < seen; k += PhiloxVector.Words) PhiloxVector.Make(z.Key, (x.Word(b, h, i, j) + (ulong)k) >> 2, room.Words + k);
                WeighAndDrop(s, ds, seen, scale, saved[0], saved[1], delta, room.Words, z.Last, (float)z.Kept);
            }
            if (seen == keys) return;
            new Span<float>(s + seen, keys - seen).Clear();
            new Span<float>(ds + seen, keys - seen).Clear();
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Weigh(float* s, float* ds, int keys, float scale, float largest, float inverse, float delta)
        {
            for (int k = 0; k < keys; k += Width)
            {
                var p = VectorMath.Exp(Vector512.MultiplyAddEstimate(Vector512.Load(s + k), Vector512.Create(scale), Vector512.Create(-largest))) * inverse;
                p.Store(s + k);
                (p * (Vector512.Load(ds + k) - Vector512.Create(delta))).Store(ds + k);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void WeighAndDrop(float* s, float* ds, int keys, float scale, float largest, float inverse, float delta, uint* words, uint last, float kept)
        {
            for (int k = 0; k < keys; k += Width)
            {
                var r = Vector512.GreaterThan(Vector512.Load(words + k), Vector512.Create(last)).AsSingle() & Vector512.Create(kept);
                var p = VectorMath.Exp(Vector512.MultiplyAddEstimate(Vector512.Load(s + k), Vector512.Create(scale), Vector512.Create(-largest))) * inverse;
                (p * r).Store(s + k);
                (p * (r * Vector512.Load(ds + k) - Vector512.Create(delta))).Store(ds + k);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Dot(float* a, float* b, int count)
        {
            var sum = Vector512<float>.Zero;
            int i = 0;
            for (; i <= count - Width; i += Width) sum = Vector512.MultiplyAddEstimate(Vector512.Load(a + i), Vector512.Load(b + i), sum);
            if (i < count) sum += LoadTail(a + i, count - i, 0) * LoadTail(b + i, count - i, 0);
            return Vector512.Sum(sum);
        }

        /// <summary>A thread's room for a tile.</summary>
        private readonly struct Room
        {
            public readonly uint* Words;
            public readonly float* KeyColumns, ValueColumns, KeyRows, DK, DV, S, DS, Packed, Added, Deltas, DQ;

            public Room(float* memory, float* share, int block, AttentionSizes z)
            {
                DK = memory;
                DV = DK + KeyTile * WholeColumns(z.D);
                KeyColumns = DV + KeyTile * WholeColumns(z.E);
                ValueColumns = KeyColumns + KeyTile * z.D;
                KeyRows = ValueColumns + KeyTile * z.E;
                Added = KeyRows + KeyTile * WholeColumns(z.D);
                Words = (uint*)(Added + KeyTile);
                S = Added + 2 * KeyTile;
                DS = S + (block + 2 * Width) * KeyTile;
                Packed = DS + (block + 2 * Width) * KeyTile;
                float* rest = Packed + PackedLength(block, z);
                DQ = share is null ? rest : share;
                Deltas = share is null ? rest + z.Group * z.T * WholeColumns(z.D) : rest;
            }

            private static int PackedLength(int block, AttentionSizes z) => Math.Max(Math.Max(WholeColumns(z.D), WholeColumns(z.E)) * (block + Width), Width * KeyTile);

            public static int Length(int block, AttentionSizes z, bool withQueries)
            {
                int d = WholeColumns(z.D), e = WholeColumns(z.E);
                return KeyTile * (2 * d + e + z.D + z.E + 2) + 2 * (block + 2 * Width) * KeyTile + z.Group * z.T + PackedLength(block, z) + (withQueries ? z.Group * z.T * d : 0);
            }
        }
    }
}
