using Engine.Core;

namespace Engine.Layers;

/// <summary>Where recurrent layers stand between two steps.</summary>
/// <param name="Hidden">What they made last: (layers·directions, B, H) of a layer, (B, H) of a cell. A bidirectional layer's forward direction comes
/// before its backward one, as in PyTorch.</param>
/// <param name="Cell">What an LSTM remembers besides, of the same shape; null of a GRU and a plain recurrent layer.</param>
public sealed record RecurrentState(Tensor Hidden, Tensor? Cell = null)
{
    /// <summary>The same numbers without the graph behind them: a sequence that is trained in pieces goes on from here, and gradients stop.</summary>
    public RecurrentState Detach() => new(Hidden.Detach(), Cell?.Detach());

    /// <summary>The states of some sequences, in another order or repeated: of the beams that a search goes on with.</summary>
    /// <param name="rows">Int32, (N), each in 0..B−1.</param>
    /// <returns>N for B.</returns>
    public RecurrentState Select(Tensor rows) => new(Hidden.IndexSelect(-2, rows), Cell?.IndexSelect(-2, rows));

    /// <summary>Refuses states of other shapes, and numbers that are not finite.</summary>
    internal void Require(Shape shape, bool withCell)
    {
        Require(Hidden, "hidden", shape);
        if (Cell is null == withCell)
            throw new ShapeException(withCell ? "the state has no cell, and an LSTM needs one. Give zeros of the hidden state's shape." : "the state has a cell, which only an LSTM has. Leave it out.");
        if (Cell is not null) Require(Cell, "cell", shape);
    }

    private static void Require(Tensor state, string name, Shape shape)
    {
        if (state.Shape != shape) throw new ShapeException($"the {name} state is {state.Shape} and must be {shape}.");
        if (state.Creator is not null) return;                      // made within this graph: AnomalyMode finds where
        int bad = Array.FindIndex(state.ToArray(), v => !float.IsFinite(v));
        if (bad < 0) return;
        int row = bad / shape[-1] % shape[-2];
        string where = shape.Rank == 3 ? $" of state {bad / shape[-1] / shape[-2]}" : "";
        throw new SequenceException($"the {name} state of row {row} of the batch has a number{where} that is not finite. Look where it was made, or begin that sequence anew with zeros.", row);
    }
}
