namespace Engine.Layers;

/// <summary>An example that could not be read, or a batch that could not be put together; <see cref="Exception.InnerException"/> says why.</summary>
public sealed class DataLoadException : Exception
{
    internal DataLoadException(string message, int epoch, int batch, long? index, Exception inner) : base(message, inner)
        => (Epoch, Batch, Index) = (epoch, batch, index);

    /// <summary>The epoch, from 0 on.</summary>
    public int Epoch { get; }

    /// <summary>The batch of the epoch, from 0 on.</summary>
    public int Batch { get; }

    /// <summary>The example's number in its data set or stream; null where the batch as a whole is at fault.</summary>
    public long? Index { get; }
}
