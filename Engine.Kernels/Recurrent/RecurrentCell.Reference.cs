namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // (gates, h, c) ← cell(gates, u, h, c) for each unit
    private protected override void RecurrentCellCore<C>(RecurrentRun run, View u, StepRows rows, int units)
    {
        var shares = Values(u);
        for (int b = 0; b < rows.Count; b++)
            for (int j = 0; j < units; j++) Forward<C>(run, rows[b], b, j, units, Gates<C>(shares, b, j, units));
    }

    // the gradients, likewise
    private protected override void RecurrentCellBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units)
    {
        for (int b = 0; b < rows.Count; b++)
            for (int j = 0; j < units; j++) Backward<C>(tape, gradients, rows[b], b < before.Count ? before[b] : -1, b, j, units);
    }

    /// <summary>One step of unit j of sequence b.</summary>
    private static void Forward<C>(RecurrentRun run, int row, int b, int j, int units, Gates<double> u) where C : struct, IRecurrentCell
    {
        Span<double> gates = Values(run.Gates), states = Values(run.H);
        var x = Gates<C>(gates, row, j, units);
        int at = b * units + j;
        double c = run.C is { } cells ? Values(cells)[at] : 0;
        C.Forward(ref x, u, ref states[at], ref c);
        Put<C>(x, gates, row, j, units);
        Values(run.Outputs)[row * units + j] = states[at];
        if (run.C is { } written) Values(written)[at] = c;
        if (run.Kept is { } kept) Values(kept)[row * units + j] = c;
    }

    /// <summary>The gradients of one step of unit j of sequence b.</summary>
    /// <param name="tape">What forward left.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="row">The step's row.</param>
    /// <param name="before">The row of the step before; −1 where the sequence began.</param>
    /// <param name="b">The sequence.</param>
    /// <param name="j">The unit.</param>
    /// <param name="units">H.</param>
    private static void Backward<C>(RecurrentTape tape, RecurrentGradients gradients, int row, int before, int b, int j, int units) where C : struct, IRecurrentCell
    {
        int at = row * units + j, state = b * units + j;
        var x = tape.Gates is { } gates ? Gates<C>(Values(gates), row, j, units) : default;
        double h = Values(tape.Outputs)[at], c = tape.Kept is { } kept ? Values(kept)[at] : 0;
        double hBefore = State(tape.Outputs, tape.H0), cBefore = C.HasCellState ? State(tape.Kept!.Value, tape.C0) : 0;
        ref double dh = ref Values(gradients.H)[state];
        dh += Values(gradients.Outputs)[at];
        double none = 0;
        ref double dc = ref gradients.C is { } cells ? ref Values(cells)[state] : ref none;
        double duLast = 0;
        Put<C>(C.Backward(x, h, c, hBefore, cBefore, ref dh, ref dc, ref duLast), Values(gradients.Gates), row, j, units);
        if (gradients.Last is { } last) Values(last)[at] = duLast;
        if (gradients.Before is { } states) Values(states)[at] = hBefore;

        double State(View steps, View? first) => before >= 0 ? Values(steps)[before * units + j] : first is { } given ? Values(given)[state] : 0;
    }

    private static Gates<double> Gates<C>(Span<double> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        var of = gates.Slice(row * units * C.Gates, units * C.Gates);
        return new(of[j], C.Gates > 1 ? of[units + j] : 0, C.Gates > 2 ? of[2 * units + j] : 0, C.Gates > 3 ? of[3 * units + j] : 0);
    }

    private static void Put<C>(Gates<double> x, Span<double> gates, int row, int j, int units) where C : struct, IRecurrentCell
    {
        var of = gates.Slice(row * units * C.Gates, units * C.Gates);
        of[j] = x.A;
        if (C.Gates > 1) of[units + j] = x.B;
        if (C.Gates > 2) of[2 * units + j] = x.C;
        if (C.Gates > 3) of[3 * units + j] = x.D;
    }
}
