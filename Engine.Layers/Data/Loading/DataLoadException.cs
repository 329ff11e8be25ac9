namespace Engine.Layers;

/// <summary>An example that could not be read, or a batch that could not be put together; <see cref="Exception.InnerException"/> says why.</summary>
public sealed class DataLoadException : Exception
{
    internal DataLoadException(string message, int epoch, int batch, long? index, Exception inner) : base(message, inner)
        => (Epoch, Batch, Index) = (epoch, batch, index);

    internal static DataLoadException Reading(int epoch, int batch, long index, Exception e)
        => new($"Epoch {epoch}, batch {batch}: example {index} could not be read: {e.Message}", epoch, batch, index, e);

    /// <param name="epoch">Which.</param>
    /// <param name="batch">Which.</param>
    /// <param name="index">The number of the batch's i-th example.</param>
    /// <param name="e">What the collator threw.</param>
    internal static DataLoadException Collating(int epoch, int batch, Func<int, long> index, Exception e) => e is ExampleException one
        ? Reading(epoch, batch, index(one.Example), one.InnerException!)
        : new($"Epoch {epoch}, batch {batch} could not be put together: {e.Message}", epoch, batch, null, e);

    /// <summary>The epoch, from 0 on.</summary>
    public int Epoch { get; }

    /// <summary>The batch of the epoch, from 0 on.</summary>
    public int Batch { get; }

    /// <summary>The example's number in its data set or stream; null where the batch as a whole is at fault.</summary>
    public long? Index { get; }
}
