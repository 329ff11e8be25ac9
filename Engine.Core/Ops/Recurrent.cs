using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A long short-term memory layer in one direction, over the rows of sequences: i = σ(W_i x + V_i h), f = σ(W_f x + V_f h),
    /// g = tanh(W_g x + V_g h), o = σ(W_o x + V_o h), each with its biases, c' = f·c + i·g, h' = o·tanh c'.</summary>
    /// <param name="weightInput">W, (4H, C): the blocks of i, f, g, o below one another, as in PyTorch and, transposed, in Keras.</param>
    /// <param name="weightHidden">V, (4H, H), likewise.</param>
    /// <param name="biasInput">(4H), or none.</param>
    /// <param name="biasHidden">(4H), or none; added too, as in PyTorch.</param>
    /// <param name="layout">Which rows of this tensor, (Rows, C), are which steps of which sequences.</param>
    /// <param name="h0">The states at the beginning, (B, H); zeros unless given.</param>
    /// <param name="c0">The cell states at the beginning, (B, H); zeros unless given.</param>
    /// <param name="reverse">Walk each sequence from its own last step to its first.</param>
    /// <returns>The state after each step, (Rows, H), and each sequence's last state and cell state, (B, H).</returns>
    /// <exception cref="ShapeException">The rows are not the layout's, or a weight, bias or state does not fit.</exception>
    /// <exception cref="DTypeException">One of the tensors is not Float32.</exception>
    /// <exception cref="DeviceException">The tensors are on different devices.</exception>
    /// <remarks>Gradients: of this tensor, weights, biases and states at the beginning, through any of the results. Source: Hochreiter and Schmidhuber
    /// 1997, Neural Computation 9(8); the forget gate: Gers, Schmidhuber and Cummins 2000, Neural Computation 12(10).</remarks>
    public RecurrentResult Lstm(Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden, SequenceLayout layout, Tensor? h0 = null,
        Tensor? c0 = null, bool reverse = false)
        => RecurrentOp<LstmGates>.Run("Lstm", layout, reverse, this, weightInput, weightHidden, biasInput, biasHidden, h0, c0);

    /// <summary>A layer of gated recurrent units in one direction, over the rows of sequences: r = σ(W_r x + V_r h), z = σ(W_z x + V_z h), each with its
    /// biases, n = tanh(W_n x + b_n + r·(V_n h + d_n)), h' = (1 − z)·n + z·h.</summary>
    /// <param name="weightInput">W, (3H, C): the blocks of r, z, n below one another, as in PyTorch; Keras has z, r, n.</param>
    /// <param name="weightHidden">V, (3H, H), likewise.</param>
    /// <param name="biasInput">b, (3H), or none.</param>
    /// <param name="biasHidden">d, (3H), or none.</param>
    /// <param name="layout">Which rows of this tensor, (Rows, C), are which steps of which sequences.</param>
    /// <param name="h0">The states at the beginning, (B, H); zeros unless given.</param>
    /// <param name="reverse">Walk each sequence from its own last step to its first.</param>
    /// <returns>The state after each step, (Rows, H), and each sequence's last state, (B, H).</returns>
    /// <exception cref="ShapeException">The rows are not the layout's, or a weight, bias or state does not fit.</exception>
    /// <exception cref="DTypeException">One of the tensors is not Float32.</exception>
    /// <exception cref="DeviceException">The tensors are on different devices.</exception>
    /// <remarks>Gradients: of this tensor, weights, biases and states at the beginning, through either result. Source: Cho et al. 2014,
    /// arXiv:1406.1078; the reset after the product, as in PyTorch and Keras' <c>reset_after=True</c>.</remarks>
    public RecurrentResult Gru(Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden, SequenceLayout layout, Tensor? h0 = null,
        bool reverse = false)
        => RecurrentOp<GruGates>.Run("Gru", layout, reverse, this, weightInput, weightHidden, biasInput, biasHidden, h0, null);

    /// <summary>A plain recurrent layer in one direction, over the rows of sequences: h' = f(W x + V h + biases).</summary>
    /// <param name="weightInput">W, (H, C).</param>
    /// <param name="weightHidden">V, (H, H).</param>
    /// <param name="biasInput">(H), or none.</param>
    /// <param name="biasHidden">(H), or none; added too, as in PyTorch.</param>
    /// <param name="layout">Which rows of this tensor, (Rows, C), are which steps of which sequences.</param>
    /// <param name="activation">f: Tanh or Relu.</param>
    /// <param name="h0">The states at the beginning, (B, H); zeros unless given.</param>
    /// <param name="reverse">Walk each sequence from its own last step to its first.</param>
    /// <returns>The state after each step, (Rows, H), and each sequence's last state, (B, H).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The activation is neither Tanh nor Relu.</exception>
    /// <exception cref="ShapeException">The rows are not the layout's, or a weight, bias or state does not fit.</exception>
    /// <exception cref="DTypeException">One of the tensors is not Float32.</exception>
    /// <exception cref="DeviceException">The tensors are on different devices.</exception>
    /// <remarks>Gradients: of this tensor, weights, biases and states at the beginning, through either result. Source: Elman 1990, Cognitive
    /// Science 14(2).</remarks>
    public RecurrentResult Rnn(Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden, SequenceLayout layout,
        Activation activation = Activation.Tanh, Tensor? h0 = null, bool reverse = false) => activation switch
        {
            Activation.Tanh => RecurrentOp<RnnGates<Tanh>>.Run("Rnn", layout, reverse, this, weightInput, weightHidden, biasInput, biasHidden, h0, null),
            Activation.Relu => RecurrentOp<RnnGates<Relu>>.Run("Rnn", layout, reverse, this, weightInput, weightHidden, biasInput, biasHidden, h0, null),
            _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Rnn: the activation is Tanh or Relu."),
        };
}

/// <summary>A recurrent layer in one direction. The result's rows are the outputs, then each sequence's last state, and last cell state if there
/// is one: the slices that it is cut into share its memory.</summary>
internal sealed class RecurrentOp<C>(string name, SequenceLayout layout, bool reverse) : Op where C : struct, IRecurrentCell
{
    private const int X = 0, WeightInput = 1, WeightHidden = 2, BiasInput = 3, BiasHidden = 4, H0 = 5, C0 = 6;

    private int units;
    private int inputs;

    public static RecurrentResult Run(string name, SequenceLayout layout, bool reverse, params ReadOnlySpan<Tensor?> inputs)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var all = Op.Apply(new RecurrentOp<C>(name, layout, reverse), inputs);
        return new RecurrentResult(all.Narrow(0, 0, layout.Rows), all.Narrow(0, layout.Rows, layout.Batch),
            C.HasCellState ? all.Narrow(0, layout.Rows + layout.Batch, layout.Batch) : null);
    }

    public override string Name => name;

    public override string Attributes => $"{layout}{(reverse ? ", reverse" : "")}";

    public override long Flops => 2L * layout.Rows * Columns * (inputs + units);

    private int Columns => C.Gates * units;

    /// <summary>Gates whose gradient is the same for x's share and for h's.</summary>
    private int SharedColumns => C.SplitsLastGate ? Columns - units : Columns;

    private RecurrentSizes Sizes => new(layout, units, reverse);

    public override Tensor Forward()
    {
        Tensor x = Input(X), w = Input(WeightInput), v = Input(WeightHidden);
        Tensor? h0 = OptionalInput(H0), c0 = OptionalInput(C0);
        Require(x, w, v, h0, c0);
        var y = NewTensor([layout.Rows + layout.Batch * (C.HasCellState ? 2 : 1), units]);
        var (outputs, h, c) = Parts(y.View);
        Begin(h, h0);
        if (c is { } cells) Begin(cells, c0);
        var gates = NewTensor([layout.Rows, Columns]);
        x.Device.MatMul(new(x.View, inputs, 1), new(w.View, 1, inputs), new(gates.View, Columns, 1), new(layout.Rows, Columns, inputs), OptionalInput(BiasInput)?.View);
        var kept = Recording && C.KeepsGates ? NewTensor([layout.Rows, units]) : null;
        x.Device.RecurrentForward<C>(new(gates.View, outputs, h, c, kept?.View), v.View, OptionalInput(BiasHidden)?.View, Sizes);
        Save(x);
        Save(w);
        Save(v);
        Save(y);
        if (kept is null)
        {
            gates.Release(Name);
        }
        else
        {
            Save(gates, owned: true);
            Save(kept, owned: true);
        }
        if (h0 is not null) Save(h0);
        if (c0 is not null) Save(c0);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), w = Saved(1), v = Saved(2), y = Saved(3);
        int next = 4;
        Tensor? gates = C.KeepsGates ? Saved(next++) : null, kept = C.KeepsGates ? Saved(next++) : null;
        Tensor? h0 = Inputs[H0].IsGiven ? Saved(next++) : null, c0 = Inputs[C0].IsGiven ? Saved(next) : null;
        var device = dy.Device;
        var (doutputs, dhLast, dcLast) = Parts(dy.View);
        Tensor dh = New(layout.Batch, units);
        Copy(dhLast, dh.View);
        Tensor? dc = C.HasCellState ? New(layout.Batch, units) : null;
        if (dc is not null) Copy(dcLast!.Value, dc.View);
        Tensor? dlast = C.SplitsLastGate ? New(layout.Rows, units) : null, before = Needs(WeightHidden) ? New(layout.Rows, units) : null;
        var dgates = gates is not null && UseUp() ? gates : New(layout.Rows, Columns);
        device.RecurrentBackward<C>(new(gates?.View, kept?.View, Parts(y.View).Outputs, h0?.View, c0?.View),
            new(doutputs, dh.View, dc?.View, dgates.View, dlast?.View, before?.View), v.View, Sizes);

        Tensor? dx = null, dw = null, dv = null;
        if (Needs(X))
        {
            dx = Tensor.Empty(x.Shape, device, op: Name);
            device.MatMul(new(dgates.View, Columns, 1), new(w.View, inputs, 1), new(dx.View, inputs, 1), new(layout.Rows, inputs, Columns));
        }
        if (Needs(WeightInput))
        {
            dw = Tensor.Empty(w.Shape, device, op: Name);
            device.MatMul(new(dgates.View, 1, Columns), new(x.View, inputs, 1), new(dw.View, inputs, 1), new(Columns, inputs, layout.Rows));
        }
        if (before is not null)
        {
            dv = Tensor.Empty(v.Shape, device, op: Name);
            device.MatMul(new(dgates.View, 1, Columns), new(before.View, units, 1), new(dv.View, units, 1), new(SharedColumns, units, layout.Rows));
            if (dlast is not null)
                device.MatMul(new(dlast.View, 1, units), new(before.View, units, 1), new(dv.View.Slice(SharedColumns * units, units * units), units, 1), new(units, units, layout.Rows));
        }
        var sums = NeedsGiven(BiasInput) || NeedsGiven(BiasHidden) ? dgates.Sum([0]) : null;
        var dbias = NeedsGiven(BiasHidden) && dlast is not null ? Tensor.Concat([sums![..SharedColumns], dlast.Sum([0])]) : sums;
        return [dx, dw, dv, NeedsGiven(BiasInput) ? sums : null, NeedsGiven(BiasHidden) ? dbias : null, NeedsGiven(H0) ? dh : null, NeedsGiven(C0) ? dc : null];

        Tensor New(int rows, int columns) => Tensor.Empty([rows, columns], device, op: Name);
    }

    private bool NeedsGiven(int i) => Inputs[i].IsGiven && Needs(i);

    /// <summary>The result's parts, and those of its gradient.</summary>
    private (View Outputs, View H, View? C) Parts(View y)
    {
        int rows = layout.Rows * units, states = layout.Batch * units;
        return (y.Slice(0, rows), y.Slice(rows, states), C.HasCellState ? y.Slice(rows + states, states) : null);
    }

    private static void Begin(View state, Tensor? given)
    {
        if (given is null) state.Device.Fill(state, 0);
        else Copy(given.View, state);
    }

    private static void Copy(View from, View to) => from.Device.StridedCopy(from, to, CopySizes.Merge([from.Length], [1], [1]));

    private void Require(Tensor x, Tensor w, Tensor v, Tensor? h0, Tensor? c0)
    {
        RequireFloats(x, "the input");
        RequireFloats(w, "the weight for the input");
        if (x.Rank != 2 || x.Shape[0] != layout.Rows)
            throw new ShapeException($"{Name}: {x.Describe()} must be ({layout.Rows}, C), a row for each step of the layout of {layout}.{(x.Rank == 3 ? " Reshape (B, T, C) to (B·T, C)." : "")}");
        inputs = x.Shape[1];
        if (w.Rank != 2 || w.Shape[1] != inputs || w.Shape[0] % C.Gates != 0 || w.Shape[0] == 0)
            throw new ShapeException($"{Name}: the weight for the input {w.Describe()} must be ({(C.Gates > 1 ? $"{C.Gates}H" : "H")}, {inputs}) for the input {x.Describe()}, with H at least 1.{(w.Rank == 2 && w.Shape[0] == inputs ? " Keras' kernels are its transpose." : "")}");
        units = w.Shape[0] / C.Gates;
        Require(v, [Columns, units], "the weight for the state");
        Require(OptionalInput(BiasInput), [Columns], "the bias for the input");
        Require(OptionalInput(BiasHidden), [Columns], "the bias for the state");
        Require(h0, [layout.Batch, units], "the first state h0");
        Require(c0, [layout.Batch, units], "the first cell state c0");
    }

    private void Require(Tensor? given, Shape shape, string what)
    {
        if (given is null) return;
        RequireFloats(given, what);
        if (given.Shape != shape)
            throw new ShapeException($"{Name}: {what}, {given.Describe()}, must be {shape} for {units} units and {layout}.");
    }

    private void RequireFloats(Tensor given, string what)
    {
        if (given.DType != DType.Float32) throw new DTypeException($"{Name}: {what}, {given.Describe()}, is {given.DType}, and must be Float32. Cast it.");
    }
}
