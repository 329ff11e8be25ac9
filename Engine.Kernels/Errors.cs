namespace Engine.Kernels;

/// <summary>An error whose message begins with where in a model it happened, once the layer it passed through has said so.</summary>
public interface ILocatedError
{
    /// <summary>The layer's path and settings, "features.3 (Conv2d 32 -> 64, 3x3)"; null outside any layer.</summary>
    string? Place { get; set; }
}

/// <summary>A device that is not there, that cannot do what was asked, or that failed; the message says which and what to try.</summary>
public class DeviceException : Exception, ILocatedError
{
    /// <summary>An error with its message.</summary>
    public DeviceException(string message) : base(message) { }

    /// <summary>An error with its message and what caused it.</summary>
    public DeviceException(string message, Exception inner) : base(message, inner) { }

    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}

/// <summary>A kernel was given numbers of a <see cref="DType"/> that it does not compute on.</summary>
public sealed class DTypeException(string message) : ArgumentException(message), ILocatedError
{
    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}

/// <summary>An index or a class outside its range, found on the host or inside a kernel.</summary>
public sealed class IndexException(string message) : ArgumentException(message), ILocatedError
{
    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}

/// <summary>An allocation would exceed the device's memory or its <see cref="Device.MemoryBudget"/>.</summary>
public sealed class DeviceMemoryException(string message, string op, long bytes, long inUse, long budget) : DeviceException(message)
{
    /// <summary>The op that asked.</summary>
    public string Op { get; } = op;
    /// <summary>Bytes that it asked for.</summary>
    public long Bytes { get; } = bytes;
    /// <summary>Bytes handed out at that moment.</summary>
    public long BytesInUse { get; } = inUse;
    /// <summary>The budget, in bytes; <see cref="long.MaxValue"/> where none is set.</summary>
    public long Budget { get; } = budget;
}
