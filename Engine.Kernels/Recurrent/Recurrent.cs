namespace Engine.Kernels;

/// <summary>Sequences, the units H of the layer, and the direction: with Reverse each sequence is walked from its own last step to its first.</summary>
public readonly record struct RecurrentSizes(SequenceLayout Layout, int Units, bool Reverse = false);

public abstract partial class Device
{
    /// <summary>Walks all sequences through a recurrent layer. At each step u = h·Wᵀ + bias, and then the cell's formula for each unit.</summary>
    /// <param name="run">States and gates.</param>
    /// <param name="weight">W, (gates·H, H).</param>
    /// <param name="bias">(gates·H), or nothing.</param>
    /// <param name="sizes">Layout, H and direction.</param>
    public void RecurrentForward<C>(RecurrentRun run, View weight, View? bias, RecurrentSizes sizes) where C : struct, IRecurrentCell
    {
        int count = sizes.Layout.Rows * sizes.Units, columns = C.Gates * sizes.Units;
        RequireUnits(sizes);
        Check(run.Gates, DType.Float32, count * C.Gates);
        Check(run.Outputs, DType.Float32, count);
        Check(run.H, DType.Float32, sizes.Layout.Batch * sizes.Units);
        if (C.HasCellState) Check(run.C.GetValueOrDefault(), DType.Float32, run.H.Length);
        if (run.Kept is { } kept) Check(kept, DType.Float32, count);
        Check(weight, DType.Float32, columns * sizes.Units);
        if (bias is { } given) Check(given, DType.Float32, columns);
        if (count > 0) RecurrentForwardCore<C>(run, weight, bias, sizes);
        Done(C.Name + "Sequence", run.Gates, run.Outputs, run.H, run.C ?? default, run.Kept ?? default, weight, bias ?? default);
    }

    /// <summary>Walks back: the gradients of the gates, and of the states at the beginning. Those of the weights are products with them.</summary>
    /// <param name="tape">What forward left.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="weight">W, (gates·H, H).</param>
    /// <param name="sizes">As in forward.</param>
    public void RecurrentBackward<C>(RecurrentTape tape, RecurrentGradients gradients, View weight, RecurrentSizes sizes) where C : struct, IRecurrentCell
    {
        RequireUnits(sizes);
        Check<C>(tape, gradients);
        Check(gradients.Outputs, DType.Float32, sizes.Layout.Rows * sizes.Units);
        Check(gradients.H, DType.Float32, sizes.Layout.Batch * sizes.Units);
        Check(weight, DType.Float32, C.Gates * sizes.Units * sizes.Units);
        if (gradients.Outputs.Length > 0) RecurrentBackwardCore<C>(tape, gradients, weight, sizes);
        GC.KeepAlive(weight.Storage);
        Done<C>("SequenceBackward", tape, gradients);
    }

    private protected virtual void RecurrentForwardCore<C>(RecurrentRun run, View weight, View? bias, RecurrentSizes sizes) where C : struct, IRecurrentCell
    {
        var (layout, units, reverse) = sizes;
        int columns = C.Gates * units;
        var u = new View(Allocate(DType.Float32, layout.Batch * columns, C.Name));
        for (int index = 0; index < layout.Steps; index++)
        {
            var rows = layout.Step(layout.Walked(index, reverse));
            MatMul(new(run.H, units, 1), new(weight, 1, units), new(u, columns, 1), new(rows.Count, columns, units), bias);
            RecurrentCell<C>(run, u, rows, units);
        }
        u.Storage.Release(C.Name);
    }

    private protected virtual void RecurrentBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, View weight, RecurrentSizes sizes) where C : struct, IRecurrentCell
    {
        var (layout, units, reverse) = sizes;
        int columns = C.Gates * units, shared = C.SplitsLastGate ? columns - units : columns;
        for (int index = layout.Steps - 1; index >= 0; index--)
        {
            int t = layout.Walked(index, reverse);
            var rows = layout.Step(t);
            RecurrentCellBackward<C>(tape, gradients, rows, layout.Before(t, reverse), units);
            // dh += du·W, where du lies in two places if the last gate's is another.
            Add(gradients.Gates, columns, weight, shared);
            if (C.SplitsLastGate) Add(gradients.Last!.Value, units, weight.Slice(shared * units, units * units), units);

            void Add(View du, int width, View w, int terms)
                => MatMul(new(du.Slice(rows.First * width, du.Length - rows.First * width), rows.Stride * width, 1), new(w, units, 1), new(gradients.H, units, 1),
                    new(rows.Count, units, terms), accumulate: true);
        }
    }

    private static void RequireUnits(RecurrentSizes sizes) => ArgumentOutOfRangeException.ThrowIfLessThan(sizes.Units, 1);
}
