namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    // Each thread takes some sequences and walks them through all steps, waiting for nobody: a sequence's numbers depend on no other's, so the bits do
    // not depend on how they are shared. The weights are packed once, for the register tile of the matrix product.
    private protected override void RecurrentForwardCore<C>(RecurrentRun run, View weight, View? bias, RecurrentSizes sizes)
    {
        var (layout, units, reverse) = sizes;
        if (!PaysToPack(layout))
        {
            base.RecurrentForwardCore<C>(run, weight, bias, sizes);
            return;
        }
        int columns = C.Gates * units, wide = Panels(columns);
        var packed = new View(Allocate(DType.Float32, wide * units, C.Name));
        try
        {
            Gemm.Pack(Floats(weight), units, 1, columns, Gemm.TileColumns, units, Floats(packed));
            var p = new RunPointers(run, units, C.Gates);
            nint panels = (nint)Floats(packed), added = (nint)Optional(bias);
            workers.For(layout.Batch, SequencesAtOnce(layout.Batch), (begin, end) =>
            {
                float* h = Gemm.Scratch.Take((end - begin) * (units + wide)), u = h + (end - begin) * units;
                for (int index = 0; index < layout.Steps; index++)
                {
                    Cancellation.ThrowIfRequested();
                    var rows = layout.Step(layout.Walked(index, reverse));
                    int count = Math.Min(end, rows.Count) - begin;
                    if (count <= 0) continue;
                    Gemm.Pack(p.H + (nint)begin * units, units, 1, count, count, units, h);
                    float* gates = p.Gates + (nint)rows[begin] * columns;
                    nint step = (nint)rows.Stride * columns;
                    for (int j = 0; j < columns; j += Gemm.TileColumns)
                    {
                        for (int i = 0; i < count; i++) Gemm.Ask(gates + i * step + j, Gemm.TileColumns);
                        Multiply(h, count, units, (float*)panels, columns, j, u, wide);
                    }
                    for (int i = 0; i < count; i++) CellRow<C>(p.At(begin + i, rows[begin + i]), u + i * wide, (float*)added, units);
                }
            });
        }
        finally
        {
            packed.Storage.Release(C.Name);
        }
    }

    private protected override void RecurrentBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, View weight, RecurrentSizes sizes)
    {
        var (layout, units, reverse) = sizes;
        if (!PaysToPack(layout))
        {
            base.RecurrentBackwardCore<C>(tape, gradients, weight, sizes);
            return;
        }
        int columns = C.Gates * units, shared = C.SplitsLastGate ? columns - units : columns, wide = Panels(units);
        var packed = new View(Allocate(DType.Float32, wide * columns, C.Name));
        try
        {
            Gemm.Pack(Floats(weight), 1, units, units, Gemm.TileColumns, columns, Floats(packed));
            var p = new GradientPointers(tape, gradients, units, C.Gates);
            nint panels = (nint)Floats(packed);
            workers.For(layout.Batch, SequencesAtOnce(layout.Batch), (begin, end) =>
            {
                float* du = Gemm.Scratch.Take((end - begin) * (columns + wide)), back = du + (end - begin) * columns;
                for (int index = layout.Steps - 1; index >= 0; index--)
                {
                    Cancellation.ThrowIfRequested();
                    int t = layout.Walked(index, reverse);
                    StepRows rows = layout.Step(t), before = layout.Before(t, reverse);
                    int count = Math.Min(end, rows.Count) - begin;
                    if (count <= 0) continue;
                    for (int i = 0, b = begin; i < count; i++, b++) CellRowBackward<C>(p.At(b, rows[b], b < before.Count ? before[b] : -1), units);
                    // dh += du·W, where du lies in two places if the last gate's is another.
                    nint first = rows[begin], stride = rows.Stride;
                    Gemm.Pack(p.DGates + first * columns, stride * columns, 1, count, count, shared, du);
                    if (C.SplitsLastGate) Gemm.Pack(p.DLast + first * units, stride * units, 1, count, count, units, du + count * shared);
                    for (int j = 0; j < units; j += Gemm.TileColumns)
                    {
                        int asked = begin + (end - begin) * j / wide, asks = begin + (end - begin) * (j + Gemm.TileColumns) / wide;
                        if (index > 0) AskFor(p, layout, layout.Walked(index - 1, reverse), reverse, asked, asks, units);
                        Multiply(du, count, columns, (float*)panels, units, j, back, wide);
                    }
                    for (int i = 0; i < count; i++) AddRow(back + i * wide, p.DH + (nint)(begin + i) * units, units);
                }
            });
        }
        finally
        {
            packed.Storage.Release(C.Name);
        }
    }

    /// <summary>Whether packed weights serve so many rows that they save more than packing them costs: not in one step, nor in few steps of so few
    /// sequences that their product reads the weights where they lie.</summary>
    private static bool PaysToPack(SequenceLayout layout)
    {
        const int leastRows = 12;
        return layout.Steps > 1 && (layout.Batch > Gemm.FewVectors || layout.Rows >= leastRows);
    }

    /// <summary>Sequences that a thread takes at a time: at most the rows of a register tile, as even as can be, and enough parts for all threads.
    /// Two cost no more than one, which waits for its own sums.</summary>
    /// <remarks>The one loop that is cut by the number of threads: parts for more threads than there are would read the weights more often. The bits do
    /// not depend on it all the same, for they are each sequence's own: <see cref="Gemm.Tile"/> computes a row alike among however many.</remarks>
    private int SequencesAtOnce(int batch)
    {
        int parts = Parts(batch, Gemm.TileRows);
        parts = Parts(parts, Threads) * Threads;
        return Math.Min(Gemm.TileRows, Math.Max(2, Parts(batch, parts)));
    }

    /// <summary>Asks for what a step of some sequences will read or write, while the product of the one before it is computed: a few between two
    /// tiles, for many at once would hold up what the tiles read.</summary>
    private static void AskFor(in GradientPointers p, SequenceLayout layout, int step, bool reverse, int begin, int end, int units)
    {
        StepRows rows = layout.Step(step), before = layout.Before(step, reverse);
        for (int b = begin; b < Math.Min(end, rows.Count); b++) p.At(b, rows[b], b < before.Count ? before[b] : -1).Ask(units);
    }

    /// <summary>Columns rounded up to whole panels.</summary>
    private static int Panels(int columns) => Parts(columns, Gemm.TileColumns) * Gemm.TileColumns;

    /// <summary>Columns j.. of c = a·panels, those of one panel, for the rows of one register tile.</summary>
    private static void Multiply(float* a, int rows, int depth, float* panels, int columns, int j, float* c, int wide)
        => Gemm.Tile(rows, Math.Min(Gemm.TileColumns, columns - j), depth, a, rows, panels + (nint)j * depth, Gemm.TileColumns, c + j, wide, false);
}
