using Engine.Kernels;

namespace Engine.Core;

/// <summary>One sequence of a batch that cannot be taken, its length or its state; the message and <see cref="Row"/> say which.</summary>
/// <param name="message">What is wrong, where, and the likely mend.</param>
/// <param name="row">Its place in the batch, from 0.</param>
public sealed class SequenceException(string message, int row) : ArgumentException(message), ILocatedError
{
    /// <summary>The sequence's place in the batch, from 0.</summary>
    public int Row { get; } = row;

    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}
