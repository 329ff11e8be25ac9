using Engine.Core;

namespace Engine.Layers;

/// <summary>Streams made of others. None of them keeps an example.</summary>
public static class StreamingDatasets
{
    /// <summary>Examples that a function gives.</summary>
    /// <param name="read">Called for each epoch; see <see cref="IStreamingDataset{T}.Read"/>.</param>
    public static IStreamingDataset<T> From<T>(Func<Rng, CancellationToken, IEnumerable<T>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new Made<T>(read);
    }

    /// <summary>Each example made into another, by the one thread that reads. What takes long is better done by a <see cref="MapCollator{TSource, T}"/>,
    /// on all workers.</summary>
    public static IStreamingDataset<TResult> Map<T, TResult>(this IStreamingDataset<T> data, Func<T, TResult> make)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(make);
        return new Made<TResult>((rng, cancel) => data.Read(rng, cancel).Select(make));
    }

    /// <summary>The examples that are wanted.</summary>
    public static IStreamingDataset<T> Filter<T>(this IStreamingDataset<T> data, Func<T, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(wanted);
        return new Made<T>((rng, cancel) => data.Read(rng, cancel).Where(wanted));
    }

    /// <summary>The first examples, or all where there are fewer.</summary>
    public static IStreamingDataset<T> Take<T>(this IStreamingDataset<T> data, int count)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Made<T>((rng, cancel) => data.Read(rng, cancel).Take(count));
    }

    /// <summary>The examples of one stream, then those of the next.</summary>
    public static IStreamingDataset<T> Concat<T>(this IStreamingDataset<T> data, params ReadOnlySpan<IStreamingDataset<T>> others)
    {
        ArgumentNullException.ThrowIfNull(data);
        IStreamingDataset<T>[] all = [data, .. others];
        return new Made<T>((rng, cancel) => all.SelectMany((part, i) => part.Read(rng.Split((ulong)i), cancel)));
    }

    private sealed class Made<T>(Func<Rng, CancellationToken, IEnumerable<T>> read) : IStreamingDataset<T>
    {
        public IEnumerable<T> Read(Rng rng, CancellationToken cancel) => read(rng, cancel);
    }
}
