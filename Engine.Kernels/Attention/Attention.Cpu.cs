using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Keys of a tile: a multiple of a register tile's columns and of the words of a vector of dropout. A tile of scores for the rows of a
    /// register tile lies in the first-level cache.</summary>
    private const int KeyTile = 128;

    /// <summary>Register tiles of queries that a thread takes through the keys at a time: keys and values come from the second-level cache so many times less.</summary>
    private const int QueryTiles = 8;

    /// <summary>Parts that suffice for many threads.</summary>
    private const int EnoughParts = 16;

    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        var (batch, heads, keyHeads, t, s, d, e) = sizes;
        var rows = new AttentionRows(x, sizes);
        var results = new HeadRows(y);
        nint saved = (nint)Floats(softmax);
        int blocks = Math.Max(Parts(t, QueryTiles * Gemm.TileRows), Math.Min(Parts(t, Gemm.TileRows), Parts(EnoughParts, batch * heads))), each = Parts(t, blocks);
        blocks = Parts(t, each);
        // Packed keys and values pay where they serve more rows than a few.
        var packed = t > Gemm.FewVectors ? new PackedKeys(this, sizes) : null;
        try
        {
            packed?.Fill(rows);
            int grain = (int)Math.Clamp(LeastSharedWork / Math.Max(1, (long)each * s * (d + e)), 1, batch * heads * blocks);
            workers.For(batch * heads * blocks, grain, (rows, packed, results, saved, heads, t, blocks, each), static (begin, end, given) =>
            {
                var (rows, packed, results, saved, heads, t, blocks, each) = given;
                for (int task = begin; task < end; task++)
                {
                    int first = task % blocks * each, h = task / blocks % heads, b = task / blocks / heads;
                    AttendBlock(rows, packed, results, (float*)saved + 2 * (((nint)b * heads + h) * t + first), b, h, first, Math.Min(each, t - first));
                }
            });
        }
        finally
        {
            packed?.Release();
        }
    }

    private static int Parts(int length, int size) => (length + size - 1) / size;

    /// <summary>Columns rounded up to whole vectors of every kind, and to whole register tiles.</summary>
    private static int WholeColumns(int columns) => (columns + 2 * Width - 1) / (2 * Width) * (2 * Width);

    /// <summary>Keys and values of all heads in panels of a register tile's columns: kᵀ, and v as it is.</summary>
    private sealed class PackedKeys
    {
        private readonly CpuDevice device;
        private readonly Storage storage;
        private readonly int keyHeads, wide, d, e;

        public PackedKeys(CpuDevice device, AttentionSizes z)
        {
            this.device = device;
            (keyHeads, d, e, wide) = (z.KeyHeads, z.D, z.E, Panels(z.S));
            storage = device.Allocate(DType.Float32, checked(z.Batch * keyHeads * Head), nameof(AttentionForward));
        }

        public void Fill(AttentionRows x)
            => device.workers.For(x.Sizes.Batch * keyHeads * Parts(x.Sizes.S, KeyTile), (packed: this, x), static (task, given) => given.packed.FillTile(given.x, task));

        private void FillTile(in AttentionRows x, int task)
        {
            var z = x.Sizes;
            int tiles = Parts(z.S, KeyTile), j = task % tiles * KeyTile, g = task / tiles % z.KeyHeads, b = task / tiles / z.KeyHeads, count = Math.Min(KeyTile, x.Seen(b, z.T - 1) - j);
            if (count <= 0) return;
            Gemm.Pack(x.K.At(b, g, j), (int)x.K.Row, 1, count, Gemm.TileColumns, z.D, Keys(b, g) + (nint)j * z.D);
            for (int c = 0; c < z.E; c += Gemm.TileColumns)
                Gemm.Pack(x.V.At(b, g, j) + c, 1, x.V.Row, Math.Min(Gemm.TileColumns, z.E - c), Gemm.TileColumns, count, Values(b, g) + (nint)c * wide + (nint)j * Gemm.TileColumns);
        }

        private int Head => checked(wide * (d + Panels(e)));

        /// <summary>From a panel of values to the next.</summary>
        public nint ValuePanel => (nint)wide * Gemm.TileColumns;

        public float* Keys(int b, int g) => Floats(new View(storage)) + ((nint)b * keyHeads + g) * Head;

        public float* Values(int b, int g) => Keys(b, g) + (nint)wide * d;

        public void Release() => storage.Release(nameof(AttentionForward));
    }

    /// <summary>Some queries of a head, through all keys that they see: for each tile of keys the scores, then the running softmax. With m the largest score so
    /// far, l = Σ exp(s − m) and a = Σ exp(s − m) v; where a tile brings a larger m, l and a are multiplied by exp(old m − new m).</summary>
    private static void AttendBlock(in AttentionRows x, PackedKeys? packed, HeadRows y, float* softmax, int b, int h, int first, int rows)
    {
        var z = x.Sizes;
        int g = h / z.Group, height = Gemm.Even(rows, Gemm.TileRows), across = WholeColumns(z.E), step = height == 1 ? 1 : (height + 3) & ~3;
        float* q = Gemm.Scratch.Take(rows * (z.D + 2 * Width + across) + 2 * 16 * KeyTile + KeyTile * (2 + Gemm.TileColumns));
        float* largest = q + rows * z.D, sums = largest + rows * Width, results = sums + rows * Width, s = results + rows * across, weights = s + 16 * KeyTile;
        float* room = weights + 16 * KeyTile, kept = room + KeyTile, tail = kept + KeyTile;
        new Span<float>(largest, rows).Fill(float.NegativeInfinity);
        new Span<float>(sums, rows * (Width + across)).Clear();
        if (packed is not null)
            for (int top = 0; top < rows; top += height)
            {
                int count = Math.Min(height, rows - top);
                Gemm.Pack(x.Q.At(b, h, first + top), x.Q.Row, 1, count, count, z.D, q + top * z.D);
            }
        int keys = x.Seen(b, first + rows - 1);
        for (int j = 0; j < keys; j += KeyTile)
            for (int top = 0; top < rows; top += height)
            {
                int count = Math.Min(height, rows - top), columns = Math.Min(KeyTile, x.Seen(b, first + top + count - 1) - j);
                if (columns <= 0) continue;
                if (packed is not null)
                    for (int c = 0; c < columns; c += Gemm.TileColumns)
                        Gemm.Tile(count, columns - c, z.D, q + top * z.D, count, packed.Keys(b, g) + (nint)(j + c) * z.D, Gemm.TileColumns, s + c, KeyTile, false);
                else
                    Gemm.Multiply(x.Q.At(b, h, first + top), (int)x.Q.Row, 1, x.K.At(b, g, j), 1, (int)x.K.Row, s, KeyTile, count, columns, z.D, false);
                for (int i = 0; i < count; i++)
                {
                    float* row = s + i * KeyTile;
                    int at = top + i;
                    float most = MathF.Max(largest[at], x.Score(row, b, h, first + at, j, columns, room));
                    RunSoftmax(row, columns, largest[at], most, sums + at * Width, results + at * across, across);
                    largest[at] = most;
                    if (z.Dropout == 0) continue;
                    x.Draw(kept, b, h, first + at, j, columns);
                    Multiply(row, kept, columns);
                }
                if (step > 1) Gemm.Pack(s, KeyTile, 1, step, step, columns, weights);
                float* a = step > 1 ? weights : s;
                for (int c = 0; c < z.E; c += Gemm.TileColumns)
                {
                    float* v = packed is not null ? packed.Values(b, g) + c / Gemm.TileColumns * packed.ValuePanel + (nint)j * Gemm.TileColumns : x.V.At(b, g, j) + c;
                    nint vStep = packed is not null ? Gemm.TileColumns : x.V.Row;
                    if (packed is null && z.E - c < Gemm.TileColumns)
                    {
                        // Whole vectors must not leave the values.
                        Gemm.Pack(v, 1, vStep, z.E - c, Gemm.TileColumns, columns, tail);
                        v = tail;
                        vStep = Gemm.TileColumns;
                    }
                    Gemm.Tile(count, z.E - c, columns, a, step, v, vStep, results + top * across + c, across, true);
                }
            }
        for (int i = 0; i < rows; i++)
        {
            float sum = Vector512.Sum(Vector512.Load(sums + i * Width)), inverse = sum == 0 ? 0 : 1 / sum;
            Scale(results + i * across, inverse, y.At(b, h, first + i), z.E);
            softmax[2 * i] = sum == 0 ? float.PositiveInfinity : largest[i];
            softmax[2 * i + 1] = inverse;
        }
    }

    /// <summary>s ← exp(s − most), which is added to a vector of sums; what was gathered under another largest score is related to this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSoftmax(float* s, int keys, float before, float most, float* sums, float* results, int across)
    {
        float shift = float.IsNegativeInfinity(most) ? 0 : most;    // none seen yet: exp(−∞ − 0), and not of ∞ − ∞
        var sum = Vector512.Load(sums);
        if (before != most && !float.IsNegativeInfinity(before))
        {
            var factor = Vector512.Create(MathF.Exp(before - shift));
            sum *= factor;
            for (int c = 0; c < across; c += Width) (Vector512.Load(results + c) * factor).Store(results + c);
        }
        var subtracted = Vector512.Create(shift);
        for (int j = 0; j < keys; j += Width)
        {
            var p = VectorMath.Exp(Vector512.Load(s + j) - subtracted);
            p.Store(s + j);
            sum += p;
        }
        sum.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* x, float* by, int count)
    {
        for (int i = 0; i < count; i += Width) (Vector512.Load(x + i) * Vector512.Load(by + i)).Store(x + i);
    }

    /// <summary>y = factor·x; they may be one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* x, float factor, float* y, int count)
    {
        int i = 0;
        for (; i <= count - Width; i += Width) (Vector512.Load(x + i) * factor).Store(y + i);
        if (i < count) StoreTail(LoadTail(x + i, count - i) * factor, y + i, count - i);
    }
}
