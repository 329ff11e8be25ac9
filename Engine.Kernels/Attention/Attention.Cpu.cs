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

    /// <summary>Numbers that a thread keeps of a head in its own room at most: as many as a second-level cache holds.</summary>
    private const int OwnRoom = 1 << 18;

    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        var (batch, heads, keyHeads, t, s, d, e) = sizes;
        var rows = new AttentionRows(x, sizes);
        var results = new HeadRows(y);
        nint saved = (nint)Floats(softmax);
        int panels = Parts(t, QueryPanel), blocks = Math.Max(Parts(panels, QueryPanels), Math.Min(panels, Parts(EnoughParts, batch * heads))), each = Parts(panels, blocks) * QueryPanel;
        blocks = Parts(t, each);
        // Packed keys and values pay where they serve more queries than a few; where they serve one task, that packs them in its thread's room.
        bool packs = t > FewQueries;
        var layout = new PackedKeys(sizes);
        bool shares = packs && (blocks * sizes.Group > 1 || layout.Length > OwnRoom);
        var shared = shares ? Allocate(DType.Float32, checked(batch * keyHeads * layout.Length), nameof(AttentionForward)) : null;
        try
        {
            nint packed = shared is null ? 0 : (nint)Floats(new View(shared));
            if (shares)
                workers.For(batch * keyHeads * Parts(s, KeyTile), (rows, layout, packed), static (task, given) =>
                {
                    var (rows, layout, packed) = given;
                    var (b, g, j) = PartOfHead(task, Parts(rows.Sizes.S, KeyTile), KeyTile, rows.Sizes.KeyHeads);
                    layout.Fill(rows, b, g, j, (float*)packed + ((nint)b * rows.Sizes.KeyHeads + g) * layout.Length);
                });
            int grain = (int)Math.Clamp(LeastSharedWork / Math.Max(1, (long)each * s * (d + e)), 1, batch * heads * blocks);
            workers.For(batch * heads * blocks, grain, (rows, layout, packed, packs, results, saved, blocks, each), static (begin, end, given) =>
            {
                var (rows, layout, packed, packs, results, saved, blocks, each) = given;
                var z = rows.Sizes;
                for (int task = begin; task < end; task++)
                {
                    var (b, h, first) = PartOfHead(task, blocks, each, z.Heads);
                    float* softmax = (float*)saved + 2 * (((nint)b * z.Heads + h) * z.T + first);
                    if (!packs)
                    {
                        AttendFew(rows, results, softmax, b, h);
                        continue;
                    }
                    int count = Math.Min(each, z.T - first);
                    var ahead = new RowsAhead(3);
                    ahead.Add(results, b, h, first, count, z.E);
                    if (task + 1 < z.Batch * z.Heads * blocks)
                    {
                        var (nextB, nextH, nextFirst) = PartOfHead(task + 1, blocks, each, z.Heads);
                        ahead.Add(rows.Q, nextB, nextH, nextFirst, Math.Min(each, z.T - nextFirst), z.D);
                        if (packed == 0)
                        {
                            ahead.Add(rows.K, nextB, nextH, 0, z.S, z.D);
                            ahead.Add(rows.V, nextB, nextH, 0, z.S, z.E);
                        }
                    }
                    AttendBlock(rows, layout, packed == 0 ? null : (float*)packed + ((nint)b * z.KeyHeads + h / z.Group) * layout.Length, results, softmax, b, h, first, count, ref ahead);
                }
            });
        }
        finally
        {
            shared?.Release(nameof(AttentionForward));
        }
    }

    /// <summary>Example, head and first row of a task, where each head is cut into so many parts of as many rows.</summary>
    private static (int Example, int Head, int First) PartOfHead(int task, int parts, int each, int heads) => (task / parts / heads, task / parts % heads, task % parts * each);

    /// <summary>Columns rounded up to whole vectors of every kind, and to whole register tiles.</summary>
    private static int WholeColumns(int columns) => Parts(columns, 2 * Width) * 2 * Width;

    /// <summary>How the keys and values of a head lie in panels: a tile's keys in panels of a register tile's rows, values in those of its columns. Where all queries
    /// are one panel, values are read where they lie, but for a last panel in part.</summary>
    private readonly struct PackedKeys(AttentionSizes z)
    {
        private readonly int wide = Parts(z.S, KeyTile) * KeyTile, firstPacked = z.T > QueryPanel ? 0 : z.E / Gemm.TileColumns * Gemm.TileColumns;

        /// <summary>Keys of a panel.</summary>
        public int Height { get; } = Gemm.Even(Math.Clamp(z.S, 1, KeyTile), Gemm.TileRows);

        private int KeysOfTile => Parts(KeyTile, Height) * Height;

        /// <summary>Numbers of a head.</summary>
        public int Length => checked(wide / KeyTile * KeysOfTile * z.D + wide * WholeColumns(z.E));

        /// <summary>Packs the tile that begins with key j, as far as it is seen.</summary>
        public void Fill(in AttentionRows x, int b, int g, int j, float* head)
        {
            int count = Math.Min(KeyTile, x.Seen(b, z.T - 1) - j);
            if (count <= 0) return;
            Gemm.Pack(x.K.At(b, g, j), (int)x.K.Row, 1, count, Height, z.D, Keys(head, j));
            for (int c = firstPacked; c < z.E; c += Gemm.TileColumns)
                Gemm.Pack(x.V.At(b, g, j) + c, 1, x.V.Row, Math.Min(Gemm.TileColumns, z.E - c), Gemm.TileColumns, count, Panel(head, j, c));
        }

        /// <summary>The panels of the tile that begins with key j.</summary>
        public float* Keys(float* head, int j) => head + (nint)(j / KeyTile) * KeysOfTile * z.D;

        private float* Panel(float* head, int j, int c) => head + (nint)(wide / KeyTile) * KeysOfTile * z.D + (nint)c * wide + (nint)j * Gemm.TileColumns;

        /// <summary>Columns c.. of the values from j on.</summary>
        public float* Values(in AttentionRows x, int b, int g, int j, int c, float* head, out nint step)
        {
            bool lies = c < firstPacked;
            step = lies ? x.V.Row : Gemm.TileColumns;
            return lies ? x.V.At(b, g, j) + c : Panel(head, j, c);
        }
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
