namespace Engine.Kernels;

/// <summary>What a recurrent layer reads and writes as it walks its sequences. B sequences, Rows steps of them, H units.</summary>
/// <param name="Gates">(Rows, gates·H). In: x's share of each gate, its bias within. Out: what backward reads, where <paramref name="Kept"/> is given;
/// else spent.</param>
/// <param name="Outputs">(Rows, H), written: h after each step.</param>
/// <param name="H">(B, H), in place: each sequence's state.</param>
/// <param name="C">(B, H), in place: the second state, where the cell has one.</param>
/// <param name="Kept">(Rows, H), written: what forward leaves in c, for backward. Nothing where no backward will come, or the cell keeps no gates.</param>
public readonly record struct RecurrentRun(View Gates, View Outputs, View H, View? C, View? Kept);

/// <summary>What backward reads of a <see cref="RecurrentRun"/>.</summary>
/// <param name="Gates">(Rows, gates·H) as forward left them, where the cell keeps them.</param>
/// <param name="Kept">(Rows, H) likewise.</param>
/// <param name="Outputs">(Rows, H).</param>
/// <param name="H0">(B, H): the states at the beginning; zeros unless given.</param>
/// <param name="C0">(B, H): the second ones, likewise.</param>
public readonly record struct RecurrentTape(View? Gates, View? Kept, View Outputs, View? H0, View? C0);

/// <summary>The gradients that go back through a <see cref="RecurrentRun"/>.</summary>
/// <param name="Outputs">(Rows, H), read: of the outputs.</param>
/// <param name="H">(B, H), in place. In: of the last states. Out: of the first.</param>
/// <param name="C">(B, H), likewise, where the cell has a second state.</param>
/// <param name="Gates">(Rows, gates·H), written: of x's share of the gates, and of h's but for what <paramref name="Last"/> holds.
/// They may take the place of the tape's gates.</param>
/// <param name="Last">(Rows, H), written: of h's share of the last gate, where the cell splits it.</param>
/// <param name="Before">(Rows, H), written where given: h before each step, by which the weights' gradient multiplies.</param>
public readonly record struct RecurrentGradients(View Outputs, View H, View? C, View Gates, View? Last, View? Before);

public abstract partial class Device
{
    /// <summary>One step of the sequences that have it: the cell's formula for each unit.</summary>
    /// <param name="run">States and gates.</param>
    /// <param name="u">(rows.Count or more, gates·H): h's share of each gate, its bias within.</param>
    /// <param name="rows">The step's rows.</param>
    /// <param name="units">H.</param>
    /// <exception cref="ArgumentException">The rows do not lie within outputs and states, or the gates do not fit them.</exception>
    public void RecurrentCell<C>(RecurrentRun run, View u, StepRows rows, int units) where C : struct, IRecurrentCell
    {
        Check(run.Gates, DType.Float32);
        Check(run.Outputs, DType.Float32);
        Check(run.H, DType.Float32);
        Check(u, DType.Float32);
        if (C.HasCellState) Check(run.C.GetValueOrDefault(), DType.Float32, run.H.Length);
        if (run.Kept is { } kept) Check(kept, DType.Float32, run.Outputs.Length);
        RequireStep(rows, run.Outputs, run.H, units, nameof(RecurrentCell));
        if (run.Gates.Length != (long)run.Outputs.Length * C.Gates || u.Length < (long)rows.Count * units * C.Gates)
            throw new ArgumentException($"RecurrentCell: {run.Gates.Length} and {u.Length} numbers do not fit {C.Gates} gates of {run.Outputs.Length} outputs.", nameof(u));
        if (rows.Count * units > 0) RecurrentCellCore<C>(run, u, rows, units);
        Done(C.Name, run.Gates, run.Outputs, run.H, run.C ?? default, run.Kept ?? default, u);
    }

    /// <summary>The gradients of one step, but for what goes back through u, which is a product with the weights.</summary>
    /// <param name="tape">What forward left.</param>
    /// <param name="gradients">Those of the states become those of the states before the step.</param>
    /// <param name="rows">The step's rows.</param>
    /// <param name="before">The rows of the step walked before; a sequence that has none began with this step.</param>
    /// <param name="units">H.</param>
    /// <exception cref="ArgumentException">The rows do not lie within outputs and states.</exception>
    public void RecurrentCellBackward<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units) where C : struct, IRecurrentCell
    {
        Check<C>(tape, gradients);
        RequireStep(rows, tape.Outputs, gradients.H, units, nameof(RecurrentCellBackward));
        if (before.Count > 0) RequireStep(before, tape.Outputs, gradients.H, units, nameof(RecurrentCellBackward));
        if (rows.Count * units > 0) RecurrentCellBackwardCore<C>(tape, gradients, rows, before, units);
        Done<C>("Backward", tape, gradients);
    }

    private protected abstract void RecurrentCellCore<C>(RecurrentRun run, View u, StepRows rows, int units) where C : struct, IRecurrentCell;

    private protected abstract void RecurrentCellBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units)
        where C : struct, IRecurrentCell;

    private void Check<C>(RecurrentTape tape, RecurrentGradients gradients) where C : struct, IRecurrentCell
    {
        int count = tape.Outputs.Length, states = gradients.H.Length;
        Check(tape.Outputs, DType.Float32);
        Check(gradients.Outputs, DType.Float32, count);
        Check(gradients.H, DType.Float32);
        Check(gradients.Gates, DType.Float32, count * C.Gates);
        if (C.HasCellState) Check(gradients.C.GetValueOrDefault(), DType.Float32, states);
        if (C.SplitsLastGate) Check(gradients.Last.GetValueOrDefault(), DType.Float32, count);
        if (C.KeepsGates)
        {
            Check(tape.Gates.GetValueOrDefault(), DType.Float32, count * C.Gates);
            Check(tape.Kept.GetValueOrDefault(), DType.Float32, count);
        }
        if (gradients.Before is { } before) Check(before, DType.Float32, count);
        if (tape.H0 is { } h0) Check(h0, DType.Float32, states);
        if (tape.C0 is { } c0) Check(c0, DType.Float32, states);
    }

    private static void RequireStep(StepRows rows, View outputs, View states, int units, string kernel)
    {
        long last = rows.First + (rows.Count - 1L) * rows.Stride;
        if (rows.Count < 0 || units < 1 || (long)rows.Count * units > states.Length || (rows.Count > 0 && (rows.First < 0 || rows.Stride < 1 || last >= outputs.Length / units)))
            throw new ArgumentException($"{kernel}: {rows} of {units} units do not lie within {outputs.Length} outputs and {states.Length} states.", nameof(rows));
    }

    private void Done<C>(string suffix, RecurrentTape tape, RecurrentGradients gradients) where C : struct, IRecurrentCell
    {
        GC.KeepAlive(tape.Gates?.Storage);
        GC.KeepAlive(tape.Kept?.Storage);
        GC.KeepAlive(tape.C0?.Storage);
        Done(C.Name + suffix, tape.Outputs, tape.H0 ?? default, gradients.Outputs, gradients.H, gradients.C ?? default, gradients.Gates, gradients.Last ?? default,
            gradients.Before ?? default);
    }
}
