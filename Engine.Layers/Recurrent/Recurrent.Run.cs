using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public abstract partial class Recurrent
{
    /// <summary>Every step's output and the states at the end.</summary>
    /// <param name="x">(B, T, C).</param>
    /// <param name="pass">Whether this is training, and the sequences' lengths.</param>
    /// <param name="state">Where to begin, (layers·directions, B, H); zeros unless given.</param>
    /// <returns>(B, T, H), or (B, T, 2·H) of a bidirectional layer, forward before backward, with 0 past a sequence's end; and the states after each
    /// sequence's last step, of a backward direction after step 0.</returns>
    /// <exception cref="ShapeException">Shapes or the number of lengths do not fit, or there is no sequence or no step.</exception>
    /// <exception cref="SequenceException">A length is not in 1..T, or a given state is not finite; it names the row.</exception>
    public (Tensor Outputs, RecurrentState State) Run(Tensor x, Pass pass, RecurrentState? state = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () =>
        {
            var steps = new Steps(x, InputSize, pass);
            var last = RunRows(steps.Rows, steps.Layout, pass, Begin(state, steps.Batch, steps.Packed));
            return (steps.Padded(Outputs(last)), End(last, steps.Packed));
        }, y => y.Item1);
    }

    /// <summary>Every step's output and the states at the end, of sequences that are packed and stay so.</summary>
    /// <param name="x">Steps of C numbers.</param>
    /// <param name="pass">Whether this is training; the lengths are those of the packed sequences.</param>
    /// <param name="state">Where to begin, (layers·directions, B, H) in the user's order of the sequences; zeros unless given.</param>
    /// <returns>Steps of H, or 2·H, numbers; and the states.</returns>
    /// <inheritdoc cref="Run(Tensor, Pass, RecurrentState?)"/>
    public (PackedSequence Outputs, RecurrentState State) Run(PackedSequence x, Pass pass, RecurrentState? state = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () =>
        {
            if (x.Rows.Rank != 2 || x.Rows.Shape[1] != InputSize) throw new ShapeException($"the packed steps {x.Rows.Shape} must be (rows, {InputSize}).");
            var last = RunRows(x.Rows, x.Layout, pass, Begin(state, x.Batch, x));
            return (x.With(Outputs(last)), End(last, x));
        }, y => y.Item1.Rows);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        var steps = new Steps(x, InputSize, pass);
        var last = RunRows(steps.Rows, steps.Layout, pass, null);
        if (ReturnSequences) return steps.Padded(Outputs(last));
        var hidden = Join([.. last[^Directions..].Select(r => r.Hidden)]);
        return steps.Packed?.FromLayout(hidden) ?? hidden;
    }

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => ReturnSequences ? lengths : null;

    /// <summary>Each direction's result, layer by layer.</summary>
    private RecurrentResult[] RunRows(Tensor rows, SequenceLayout layout, Pass pass, RecurrentState? state)
    {
        var results = new RecurrentResult[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            if (i > 0 && i % Directions == 0)
            {
                rows = Outputs(results[..i]);
                if (pass.Training && dropout > 0) rows = rows.Dropout(dropout, pass.Rng);
            }
            results[i] = kind.Run(rows, weights[i], layout, state?.Hidden[i], state?.Cell?[i], reverse: i % Directions == 1);
        }
        return results;
    }

    /// <summary>Every step's output of the last of these layers.</summary>
    private Tensor Outputs(RecurrentResult[] results) => Join([.. results[^Directions..].Select(r => r.Outputs)]);

    private static Tensor Join(Tensor[] directions) => directions is [var one] ? one : Tensor.Concat(directions, axis: 1);

    /// <summary>States to begin with, checked and in the layout's order.</summary>
    private RecurrentState? Begin(RecurrentState? state, int batch, PackedSequence? packed)
    {
        if (state is null) return null;
        state.Require([weights.Length, batch, HiddenSize], kind.HasCell);
        return packed is null ? state : new RecurrentState(Sorted(state.Hidden), state.Cell is { } cell ? Sorted(cell) : null);

        Tensor Sorted(Tensor all) => Tensor.Stack([.. Enumerable.Range(0, weights.Length).Select(i => packed.ToLayout(all[i]))]);
    }

    private RecurrentState End(RecurrentResult[] results, PackedSequence? packed)
    {
        return new RecurrentState(All(r => r.Hidden), kind.HasCell ? All(r => r.Cell) : null);

        Tensor All(Func<RecurrentResult, Tensor> part) => Tensor.Stack([.. results.Select(r => packed?.FromLayout(part(r)) ?? part(r))]);
    }
}
