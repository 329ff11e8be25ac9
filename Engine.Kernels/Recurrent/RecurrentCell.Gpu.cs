using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    // Where a cell has no second state or nothing is kept, h's views stand in: they are neither read nor written there.
    internal readonly record struct RunViews(ArrayView<float> Gates, ArrayView<float> Outputs, ArrayView<float> H, ArrayView<float> C, ArrayView<float> Kept, ArrayView<float> U);

    internal readonly record struct TapeViews(ArrayView<float> Gates, ArrayView<float> Kept, ArrayView<float> Outputs, ArrayView<float> H0, ArrayView<float> C0);

    internal readonly record struct GradientViews(ArrayView<float> Outputs, ArrayView<float> H, ArrayView<float> C, ArrayView<float> Gates, ArrayView<float> Last, ArrayView<float> Before);

    internal readonly record struct CellSizes(int Count, int First, int Stride, int BeforeCount, int BeforeFirst, int BeforeStride, int Units, int HasKept, int HasH0, int HasC0, int HasBefore)
    {
        public int Row(int b) => First + b * Stride;

        public int Before(int b) => BeforeFirst + b * BeforeStride;
    }

    private protected override void RecurrentCellCore<C>(RecurrentRun run, View u, StepRows rows, int units)
    {
        var views = new RunViews(Floats(run.Gates), Floats(run.Outputs), Floats(run.H), Floats(run.C ?? run.H), Floats(run.Kept ?? run.H), Floats(u));
        Launch(RecurrentCellKernel<C>, Linear(rows.Count * units), views, Sizes(rows, default, units, run.Kept, null, null, null));
    }

    private protected override void RecurrentCellBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units)
    {
        View stand = gradients.H;
        var views = new TapeViews(Floats(tape.Gates ?? stand), Floats(tape.Kept ?? stand), Floats(tape.Outputs), Floats(tape.H0 ?? stand), Floats(tape.C0 ?? stand));
        var to = new GradientViews(Floats(gradients.Outputs), Floats(gradients.H), Floats(gradients.C ?? stand), Floats(gradients.Gates), Floats(gradients.Last ?? stand),
            Floats(gradients.Before ?? stand));
        Launch(RecurrentCellBackwardKernel<C>, Linear(rows.Count * units), views, to, Sizes(rows, before, units, tape.Kept, tape.H0, tape.C0, gradients.Before));
    }

    private static CellSizes Sizes(StepRows rows, StepRows before, int units, View? kept, View? h0, View? c0, View? writesBefore)
        => new(rows.Count, rows.First, rows.Stride, before.Count, before.First, before.Stride, units, kept is null ? 0 : 1, h0 is null ? 0 : 1, c0 is null ? 0 : 1,
            writesBefore is null ? 0 : 1);

    private static void RecurrentCellKernel<C>(RunViews v, CellSizes z) where C : struct, IRecurrentCell
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Count * z.Units) return;
        int b = i / z.Units, j = i % z.Units, row = z.Row(b);
        var x = ReadGates<C>(v.Gates, row, j, z.Units);
        var u = ReadGates<C>(v.U, b, j, z.Units);
        float h = v.H[i], c = 0f;
        if (C.HasCellState) c = v.C[i];
        C.Forward(ref x, u, ref h, ref c);
        if (C.KeepsGates) WriteGates<C>(x, v.Gates, row, j, z.Units);
        v.H[i] = h;
        v.Outputs[row * z.Units + j] = h;
        if (C.HasCellState) v.C[i] = c;
        if (z.HasKept != 0) v.Kept[row * z.Units + j] = c;
    }

    private static void RecurrentCellBackwardKernel<C>(TapeViews v, GradientViews d, CellSizes z) where C : struct, IRecurrentCell
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Count * z.Units) return;
        int b = i / z.Units, j = i % z.Units, row = z.Row(b), at = row * z.Units + j, before = z.Before(b) * z.Units + j;
        Gates<float> x = default;
        float c = 0f, hBefore = 0f, cBefore = 0f, dc = 0f, duLast = 0f;
        if (C.KeepsGates)
        {
            x = ReadGates<C>(v.Gates, row, j, z.Units);
            c = v.Kept[at];
        }
        if (b < z.BeforeCount)
        {
            hBefore = v.Outputs[before];
            if (C.HasCellState) cBefore = v.Kept[before];
        }
        else
        {
            if (z.HasH0 != 0) hBefore = v.H0[i];
            if (z.HasC0 != 0) cBefore = v.C0[i];
        }
        float dh = d.H[i] + d.Outputs[at];
        if (C.HasCellState) dc = d.C[i];
        WriteGates<C>(C.Backward(x, v.Outputs[at], c, hBefore, cBefore, ref dh, ref dc, ref duLast), d.Gates, row, j, z.Units);
        d.H[i] = dh;
        if (C.HasCellState) d.C[i] = dc;
        if (C.SplitsLastGate) d.Last[at] = duLast;
        if (z.HasBefore != 0) d.Before[at] = hBefore;
    }

    private static Gates<float> ReadGates<C>(ArrayView<float> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        int at = row * units * C.Gates + j;
        float a = gates[at], b = 0f, c = 0f, d = 0f;
        if (C.Gates > 1) b = gates[at + units];
        if (C.Gates > 2) c = gates[at + 2 * units];
        if (C.Gates > 3) d = gates[at + 3 * units];
        return new Gates<float>(a, b, c, d);
    }

    private static void WriteGates<C>(Gates<float> x, ArrayView<float> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        int at = row * units * C.Gates + j;
        gates[at] = x.A;
        if (C.Gates > 1) gates[at + units] = x.B;
        if (C.Gates > 2) gates[at + 2 * units] = x.C;
        if (C.Gates > 3) gates[at + 3 * units] = x.D;
    }
}
