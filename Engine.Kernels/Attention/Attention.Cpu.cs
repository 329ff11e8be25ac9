using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Keys of a tile: a multiple of a register tile's columns and of the words of a vector of dropout. A tile of scores for a panel of queries
    /// lies in the first-level cache.</summary>
    private const int KeyTile = 128;

    /// <summary>Queries of a head up to which keys and values are read where they lie.</summary>
    private const int FewQueries = 2 * Gemm.FewVectors;

    /// <summary>Queries that stand side by side in two vectors.</summary>
    private const int QueryPanel = 2 * Width;

    /// <summary>Panels of queries that a thread takes through the keys at a time.</summary>
    private const int QueryPanels = 4;

    /// <summary>Parts that suffice for many threads.</summary>
    private const int EnoughParts = 16;

    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        var (batch, heads, keyHeads, t, s, d, e) = sizes;
        var rows = new AttentionRows(x, sizes);
        var results = new HeadRows(y);
        nint saved = (nint)Floats(softmax);
        // Packed keys and values pay where they serve more queries than a few.
        var packed = t > FewQueries ? new PackedKeys(this, sizes) : null;
        int panels = Parts(t, QueryPanel), blocks = Math.Max(Parts(panels, QueryPanels), Math.Min(panels, Parts(EnoughParts, batch * heads))), each = Parts(panels, blocks) * QueryPanel;
        blocks = Parts(t, each);
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
                    float* softmax = (float*)saved + 2 * (((nint)b * heads + h) * t + first);
                    if (packed is null) AttendFew(rows, results, softmax, b, h);
                    else AttendBlock(rows, packed, results, softmax, b, h, first, Math.Min(each, t - first));
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

    /// <summary>Keys and values of all heads in panels: a tile's keys in panels of a register tile's rows, values in those of its columns. Where all queries are one
    /// panel, values are read where they lie, but for a last panel in part.</summary>
    private sealed class PackedKeys
    {
        private readonly CpuDevice device;
        private readonly Storage storage;
        private readonly int keyHeads, wide, d, e, keysOfTile;

        public PackedKeys(CpuDevice device, AttentionSizes z)
        {
            this.device = device;
            (keyHeads, d, e, wide) = (z.KeyHeads, z.D, z.E, Parts(z.S, KeyTile) * KeyTile);
            Height = Gemm.Even(Math.Clamp(z.S, 1, KeyTile), Gemm.TileRows);
            keysOfTile = Parts(KeyTile, Height) * Height;
            storage = device.Allocate(DType.Float32, checked(z.Batch * keyHeads * Head), nameof(AttentionForward));
        }

        /// <summary>Keys of a panel.</summary>
        public int Height { get; }

        public void Fill(AttentionRows x)
            => device.workers.For(x.Sizes.Batch * keyHeads * Parts(x.Sizes.S, KeyTile), (packed: this, x), static (task, given) => given.packed.FillTile(given.x, task));

        private void FillTile(in AttentionRows x, int task)
        {
            var z = x.Sizes;
            int tiles = Parts(z.S, KeyTile), j = task % tiles * KeyTile, g = task / tiles % z.KeyHeads, b = task / tiles / z.KeyHeads, count = Math.Min(KeyTile, x.Seen(b, z.T - 1) - j);
            if (count <= 0) return;
            Gemm.Pack(x.K.At(b, g, j), (int)x.K.Row, 1, count, Height, z.D, Keys(b, g, j));
            for (int c = FirstPacked(z); c < z.E; c += Gemm.TileColumns)
                Gemm.Pack(x.V.At(b, g, j) + c, 1, x.V.Row, Math.Min(Gemm.TileColumns, z.E - c), Gemm.TileColumns, count, Panel(b, g, j, c));
        }

        private int Head => checked(wide / KeyTile * keysOfTile * d + wide * WholeColumns(e));

        private float* Begin(int b, int g) => Floats(new View(storage)) + ((nint)b * keyHeads + g) * Head;

        /// <summary>The panels of the tile that begins with key j.</summary>
        public float* Keys(int b, int g, int j) => Begin(b, g) + (nint)(j / KeyTile) * keysOfTile * d;

        private static int FirstPacked(AttentionSizes z) => z.T > QueryPanel ? 0 : z.E / Gemm.TileColumns * Gemm.TileColumns;

        private float* Panel(int b, int g, int j, int c) => Begin(b, g) + (nint)(wide / KeyTile) * keysOfTile * d + (nint)c * wide + (nint)j * Gemm.TileColumns;

        /// <summary>Columns c.. of the values from j on.</summary>
        public float* Values(in AttentionRows x, int b, int g, int j, int c, out nint step)
        {
            bool lies = c < FirstPacked(x.Sizes);
            step = lies ? x.V.Row : Gemm.TileColumns;
            return lies ? x.V.At(b, g, j) + c : Panel(b, g, j, c);
        }

        public void Release() => storage.Release(nameof(AttentionForward));
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
