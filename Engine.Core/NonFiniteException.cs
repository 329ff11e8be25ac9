using Engine.Kernels;

namespace Engine.Core;

/// <summary>An op was given numbers that are NaN or infinite, of which it can make nothing; the message says which.</summary>
public sealed class NonFiniteException(string message) : ArithmeticException(message), ILocatedError
{
    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}
