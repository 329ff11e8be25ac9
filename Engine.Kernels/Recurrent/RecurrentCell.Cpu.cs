using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void RecurrentCellCore<C>(RecurrentRun run, View u, StepRows rows, int units)
    {
        var p = new RunPointers(run, units, C.Gates);
        nint shares = (nint)Floats(u);
        workers.For(rows.Count, Math.Max(1, CellGrain / units), (begin, end) =>
        {
            for (int b = begin; b < end; b++) CellRow<C>(p.At(b, rows[b]), (float*)shares + b * units * C.Gates, null, units);
        });
    }

    private protected override void RecurrentCellBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, StepRows rows, StepRows before, int units)
    {
        var p = new GradientPointers(tape, gradients, units, C.Gates);
        workers.For(rows.Count, Math.Max(1, CellGrain / units), (begin, end) =>
        {
            for (int b = begin; b < end; b++) CellRowBackward<C>(p.At(b, rows[b], b < before.Count ? before[b] : -1), units);
        });
    }

    /// <summary>Units that one thread takes at a time: some microseconds.</summary>
    private const int CellGrain = 2048;

    /// <summary>Where the numbers of one step of one sequence begin.</summary>
    private readonly struct RunPointers
    {
        public readonly float* Gates, Outputs, H, C, Kept;
        private readonly int units, gates;

        public RunPointers(RecurrentRun run, int units, int gates)
        {
            Gates = Floats(run.Gates);
            Outputs = Floats(run.Outputs);
            H = Floats(run.H);
            C = Optional(run.C);
            Kept = Optional(run.Kept);
            (this.units, this.gates) = (units, gates);
        }

        private RunPointers(in RunPointers p, int b, int row)
        {
            this = p;
            Gates += (nint)row * units * gates;
            Outputs += (nint)row * units;
            H += (nint)b * units;
            if (C is not null) C += (nint)b * units;
            if (Kept is not null) Kept += (nint)row * units;
        }

        public RunPointers At(int b, int row) => new(this, b, row);
    }

    /// <summary>Likewise for backward; the states before are null at a sequence's beginning unless they were given.</summary>
    private readonly struct GradientPointers
    {
        public readonly float* Gates, Kept, Outputs, HBefore, CBefore, DOutputs, DH, DC, DGates, DLast, Before;
        private readonly int units, gates;

        public GradientPointers(RecurrentTape tape, RecurrentGradients gradients, int units, int gates)
        {
            Gates = Optional(tape.Gates);
            Kept = Optional(tape.Kept);
            Outputs = Floats(tape.Outputs);
            HBefore = Optional(tape.H0);
            CBefore = Optional(tape.C0);
            DOutputs = Floats(gradients.Outputs);
            DH = Floats(gradients.H);
            DC = Optional(gradients.C);
            DGates = Floats(gradients.Gates);
            DLast = Optional(gradients.Last);
            Before = Optional(gradients.Before);
            (this.units, this.gates) = (units, gates);
        }

        private GradientPointers(in GradientPointers p, int b, int row, int before)
        {
            this = p;
            nint at = (nint)row * units, state = (nint)b * units;
            if (Gates is not null) Gates += at * gates;
            if (Kept is not null) Kept += at;
            Outputs += at;
            HBefore = before >= 0 ? p.Outputs + (nint)before * units : HBefore is not null ? HBefore + state : null;
            CBefore = before >= 0 && p.Kept is not null ? p.Kept + (nint)before * units : CBefore is not null ? CBefore + state : null;
            DOutputs += at;
            DH += state;
            if (DC is not null) DC += state;
            DGates += at * gates;
            if (DLast is not null) DLast += at;
            if (Before is not null) Before += at;
        }

        public GradientPointers At(int b, int row, int before) => new(this, b, row, before);

        public void Ask(int units)
        {
            Gemm.Ask(DOutputs, units);
            if (Gates is not null) Gemm.Ask(Gates, units * gates);
            if (Kept is not null) Gemm.Ask(Kept, units);
            if (HBefore is not null) Gemm.Ask(HBefore, units);
            if (CBefore is not null) Gemm.Ask(CBefore, units);
            if (Before is not null) Gemm.Ask(Before, units);
        }
    }

    private static float* Optional(View? view) => view is { } given ? Floats(given) : null;

    /// <summary>One step of one sequence.</summary>
    /// <param name="p">Its numbers.</param>
    /// <param name="u">h's share of each gate.</param>
    /// <param name="bias">What is added to it, or null.</param>
    /// <param name="units">H.</param>
    private static void CellRow<C>(RunPointers p, float* u, float* bias, int units) where C : struct, IRecurrentCell
    {
        int j = 0;
        for (; j <= units - Width; j += Width) CellVector<C, Whole>(p, u, bias, units, j);
        if (j < units) CellTail<C>(p, u, bias, units, j);
    }

    private static void CellRowBackward<C>(GradientPointers p, int units) where C : struct, IRecurrentCell
    {
        int j = 0;
        for (; j <= units - Width; j += Width) CellVectorBackward<C, Whole>(p, units, j);
        if (j < units) CellTailBackward<C>(p, units, j);
    }

    // Apart from the loop, so that the compiler's allowance for inlining is spent once a method.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CellTail<C>(in RunPointers p, float* u, float* bias, int units, int j) where C : struct, IRecurrentCell
        => CellVector<C, Part>(p, u, bias, units, j);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CellTailBackward<C>(in GradientPointers p, int units, int j) where C : struct, IRecurrentCell
        => CellVectorBackward<C, Part>(p, units, j);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CellVector<C, L>(in RunPointers p, float* u, float* bias, int units, int j) where C : struct, IRecurrentCell where L : struct, IPart
    {
        int left = units - j;
        var x = LoadGates<C, L>(p.Gates + j, units, left);
        var share = LoadGates<C, L>(u + j, units, left);
        if (bias is not null)
        {
            var b = LoadGates<C, L>(bias + j, units, left);
            share = new(share.A + b.A, share.B + b.B, share.C + b.C, share.D + b.D);
        }
        var h = L.Load(p.H + j, left);
        var c = C.HasCellState ? L.Load(p.C + j, left) : default;
        C.Forward(ref x, share, ref h, ref c);
        L.Store(h, p.H + j, left);
        L.Store(h, p.Outputs + j, left);
        if (C.HasCellState) L.Store(c, p.C + j, left);
        if (p.Kept is null) return;
        L.Store(c, p.Kept + j, left);
        StoreGates<C, L>(x, p.Gates + j, units, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CellVectorBackward<C, L>(in GradientPointers p, int units, int j) where C : struct, IRecurrentCell where L : struct, IPart
    {
        int left = units - j;
        var x = C.KeepsGates ? LoadGates<C, L>(p.Gates + j, units, left) : default;
        var c = C.KeepsGates ? L.Load(p.Kept + j, left) : default;
        var hBefore = p.HBefore is not null ? L.Load(p.HBefore + j, left) : default;
        var cBefore = C.HasCellState && p.CBefore is not null ? L.Load(p.CBefore + j, left) : default;
        var dh = L.Load(p.DH + j, left) + L.Load(p.DOutputs + j, left);
        var dc = C.HasCellState ? L.Load(p.DC + j, left) : default;
        Vector512<float> last = default;
        var dx = C.Backward(x, L.Load(p.Outputs + j, left), c, hBefore, cBefore, ref dh, ref dc, ref last);
        StoreGates<C, L>(dx, p.DGates + j, units, left);
        L.Store(dh, p.DH + j, left);
        if (C.HasCellState) L.Store(dc, p.DC + j, left);
        if (C.SplitsLastGate) L.Store(last, p.DLast + j, left);
        if (p.Before is not null) L.Store(hBefore, p.Before + j, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Gates<Vector512<float>> LoadGates<C, L>(float* x, int units, int left) where C : struct, IRecurrentCell where L : struct, IPart
        => new(L.Load(x, left), C.Gates > 1 ? L.Load(x + units, left) : default, C.Gates > 2 ? L.Load(x + 2 * units, left) : default,
            C.Gates > 3 ? L.Load(x + 3 * units, left) : default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGates<C, L>(Gates<Vector512<float>> value, float* x, int units, int left) where C : struct, IRecurrentCell where L : struct, IPart
    {
        L.Store(value.A, x, left);
        if (C.Gates > 1) L.Store(value.B, x + units, left);
        if (C.Gates > 2) L.Store(value.C, x + 2 * units, left);
        if (C.Gates > 3) L.Store(value.D, x + 3 * units, left);
    }

    /// <summary>A vector of which all numbers count, or the first ones.</summary>
    private interface IPart
    {
        static abstract Vector512<float> Load(float* x, int left);

        static abstract void Store(Vector512<float> value, float* x, int left);
    }

    private readonly struct Whole : IPart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* x, int left) => Vector512.Load(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector512<float> value, float* x, int left) => value.Store(x);
    }

    private readonly struct Part : IPart
    {
        public static Vector512<float> Load(float* x, int left) => LoadTail(x, left);

        public static void Store(Vector512<float> value, float* x, int left) => StoreTail(value, x, left);
    }
}
