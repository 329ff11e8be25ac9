namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // (x, h, c) ← cell(x, u, h, c) for each unit j of each sequence b
    private protected override void RecurrentCellCore<C>(RecurrentRun run, View u, StepRows rows, int units)
    {
        Span<double> gates = Values(run.Gates), shares = Values(u), states = Values(run.H), outputs = Values(run.Outputs);
        for (int b = 0; b < rows.Count; b++)
            for (int j = 0; j < units; j++)
            {
                int state = b * units + j, at = rows[b] * units + j;
                var x = Gates<C>(gates, rows[b], j, units);
                double c = run.C is { } before ? Values(before)[state] : 0;
                C.Forward(ref x, Gates<C>(shares, b, j, units), ref states[state], ref c);
                Put<C>(x, gates, rows[b], j, units);
                outputs[at] = states[state];
                if (run.C is { } after) Values(after)[state] = c;
                if (run.Kept is { } kept) Values(kept)[at] = c;
            }
    }

    // (dx, dh, dc, du_last) ← cell'(x, h, c, h before, c before, dh + dy, dc), likewise
    private protected override void RecurrentCellBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units)
    {
        Span<double> outputs = Values(tape.Outputs), doutputs = Values(gradients.Outputs), dstates = Values(gradients.H), dgates = Values(gradients.Gates);
        double none = 0;
        for (int b = 0; b < rows.Count; b++)
            for (int j = 0; j < units; j++)
            {
                int state = b * units + j, at = rows[b] * units + j, earlier = b < before.Count ? before[b] * units + j : -1;
                var x = C.KeepsGates ? Gates<C>(Values(tape.Gates!.Value), rows[b], j, units) : default;
                double c = C.KeepsGates ? Values(tape.Kept!.Value)[at] : 0;
                double hBefore = Before(tape.Outputs, tape.H0), cBefore = C.HasCellState ? Before(tape.Kept!.Value, tape.C0) : 0, duLast = 0;
                ref double dh = ref dstates[state], dc = ref gradients.C is { } cells ? ref Values(cells)[state] : ref none;
                dh += doutputs[at];
                Put<C>(C.Backward(x, outputs[at], c, hBefore, cBefore, ref dh, ref dc, ref duLast), dgates, rows[b], j, units);
                if (gradients.Last is { } last) Values(last)[at] = duLast;
                if (gradients.Before is { } written) Values(written)[at] = hBefore;

                double Before(View steps, View? first) => earlier >= 0 ? Values(steps)[earlier] : first is { } given ? Values(given)[state] : 0;
            }
    }

    private static Gates<double> Gates<C>(Span<double> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        var of = gates[(row * C.Gates * units + j)..];
        return new(of[0], C.Gates > 1 ? of[units] : 0, C.Gates > 2 ? of[2 * units] : 0, C.Gates > 3 ? of[3 * units] : 0);
    }

    private static void Put<C>(Gates<double> x, Span<double> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        var of = gates[(row * C.Gates * units + j)..];
        of[0] = x.A;
        if (C.Gates > 1) of[units] = x.B;
        if (C.Gates > 2) of[2 * units] = x.C;
        if (C.Gates > 3) of[3 * units] = x.D;
    }
}
