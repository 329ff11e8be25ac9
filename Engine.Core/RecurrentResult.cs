namespace Engine.Core;

/// <summary>What a recurrent layer gives in one direction.</summary>
public sealed class RecurrentResult
{
    private readonly Tensor? cell;

    internal RecurrentResult(Tensor outputs, Tensor hidden, Tensor? cell) => (Outputs, Hidden, this.cell) = (outputs, hidden, cell);

    /// <summary>The state after each step, (Rows, H), in the layout of the input.</summary>
    public Tensor Outputs { get; }

    /// <summary>Each sequence's last state, (B, H): at its own last step, or in reverse at its first.</summary>
    public Tensor Hidden { get; }

    /// <summary>Each sequence's last cell state, (B, H): an LSTM's.</summary>
    /// <exception cref="InvalidOperationException">The layer is no LSTM.</exception>
    public Tensor Cell => cell ?? throw new InvalidOperationException("Only an LSTM has a cell state. Use Hidden.");
}
