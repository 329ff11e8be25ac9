using Engine.Kernels;

namespace Engine.Core;

/// <summary>Shapes that do not fit an op or one another; the message names the op, the shapes and the likely mend.</summary>
public sealed class ShapeException(string message) : ArgumentException(message), ILocatedError
{
    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}

/// <summary>A graph that cannot be walked backward: used up, changed since, or never recorded.</summary>
public sealed class GraphException(string message) : InvalidOperationException(message), ILocatedError
{
    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}
