using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Batches of a stream's examples, of which only a buffer's worth is ever in memory. The same seed gives the same batches whatever the number
/// of workers, and from whichever batch on.</summary>
/// <remarks>One worker at a time reads; all of them put batches together. In memory are the buffer's examples, a batch of them for each worker, and the
/// batches that are ahead. A run that goes on in mid-epoch reads the examples it passes over, and makes nothing of them.</remarks>
public sealed class StreamLoader<T> : IBatches
{
    private readonly IStreamingDataset<T> data;
    private readonly ICollator<T> collator;
    private readonly ulong seed;
    private readonly int shuffleBuffer, workers, prefetch;
    private readonly bool dropLast;
    private readonly WaitClock waited = new();

    /// <summary>A loader.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="collator">Puts them side by side.</param>
    /// <param name="batchSize">Examples of a batch.</param>
    /// <param name="seed">Of the order and of what is random in the examples.</param>
    /// <param name="shuffleBuffer">Examples among which each next one is drawn; 0 or 1 leaves the stream's order. Examples that lie further apart than
    /// that in the stream hardly mix, so shuffle files too.</param>
    /// <param name="dropLast">Whether a last batch that is not full is left out.</param>
    /// <param name="workers">Threads that make batches while the caller is busy; 0 makes each when it is asked for.</param>
    /// <param name="prefetch">Batches that each worker may be ahead.</param>
    public StreamLoader(IStreamingDataset<T> data, ICollator<T> collator, int batchSize, ulong seed = 0, int shuffleBuffer = 0, bool dropLast = false,
        int workers = 0, int prefetch = 2)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(collator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(shuffleBuffer);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prefetch);
        (this.data, this.collator, BatchSize, this.seed, this.shuffleBuffer) = (data, collator, batchSize, seed, shuffleBuffer);
        (this.dropLast, this.workers, this.prefetch) = (dropLast, workers, prefetch);
    }

    /// <summary>Examples of a batch; a last one may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>Null: a stream does not know.</summary>
    public int? Count => null;

    /// <summary>Null likewise.</summary>
    public int? BatchCount => null;

    /// <inheritdoc/>
    public string Settings
        => $"batches of {BatchSize}, {(shuffleBuffer > 1 ? $"drawn among {shuffleBuffer}" : "in order")} with seed {seed}{(dropLast ? ", the last one dropped unless full" : "")}{(collator.Settings is { Length: > 0 } further ? $"; {further}" : "")}";

    /// <summary>Time for which the loader held up those who took batches, all epochs together; see <see cref="DataLoader{T}.Waited"/>.</summary>
    public TimeSpan Waited => waited.Total;

    /// <inheritdoc/>
    /// <exception cref="DataLoadException">An example could not be read, or a batch not be put together. It is thrown in that batch's place.</exception>
    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Enumerate(epoch, device, skip, cancel);
    }

    private IEnumerable<Batch> Enumerate(int epoch, Device device, int skip, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        using var stream = new EpochStream(this, epoch, skip);
        using var batches = new Prefetcher(stream.Fill, skip, int.MaxValue, workers, workers * prefetch, cancel);   // its threads end before the stream is closed
        foreach (var batch in batches.TakeAll(device, waited, start)) yield return batch;
    }

    private readonly record struct Numbered(Drawn<T> Drawn, long Number);

    /// <summary>An epoch's examples, which the workers take by the batch, in turn.</summary>
    private sealed class EpochStream(StreamLoader<T> loader, int epoch, int skip) : IDisposable
    {
        private readonly object gate = new();
        private readonly Rng examples = Stream(loader, epoch, 0), batches = Stream(loader, epoch, 1), order = Stream(loader, epoch, 2);
        private readonly List<Numbered> buffer = [];
        private IEnumerator<T>? source;
        private long read, toPass = (long)skip * loader.BatchSize;
        private int next = skip;
        private bool dry, ended;

        private static Rng Stream(StreamLoader<T> loader, int epoch, ulong which) => new Rng(loader.seed).Split((ulong)epoch).Split(which);

        public bool Fill(int batch, HostBatch into, CancellationToken stop)
        {
            var taken = Take(batch, stop);
            if (taken.Length == 0) return false;
            try
            {
                loader.collator.Collate([.. taken.Select(one => one.Drawn)], into, batches.Split((ulong)batch));
            }
            catch (Exception e)
            {
                throw DataLoadException.Collating(epoch, batch, i => taken[i].Number, e);
            }
            return true;
        }

        /// <summary>A batch's examples, once those of the batches before it are taken; none after the end, or after an error.</summary>
        private Numbered[] Take(int batch, CancellationToken stop)
        {
            lock (gate)
            {
                while (next != batch && !ended) System.Threading.Monitor.Wait(gate);   // each turn ends with a pulse, whatever happens in it
                if (ended) return [];
                bool whole = false;
                try
                {
                    for (; toPass > 0; toPass--)
                        if (!Draw(batch, stop, out _)) return [];
                    var taken = new List<Numbered>(Math.Min(loader.BatchSize, 1 << 16));
                    while (taken.Count < loader.BatchSize && Draw(batch, stop, out var one)) taken.Add(one);
                    whole = taken.Count == loader.BatchSize;
                    next++;
                    return whole || !loader.dropLast ? [.. taken] : [];
                }
                finally
                {
                    ended = !whole;
                    System.Threading.Monitor.PulseAll(gate);
                }
            }
        }

        /// <summary>One of the buffer, whose place the stream's next takes.</summary>
        private bool Draw(int batch, CancellationToken stop, out Numbered one)
        {
            if (loader.shuffleBuffer <= 1) return Read(batch, stop, out one);
            while (buffer.Count < loader.shuffleBuffer && Read(batch, stop, out one)) buffer.Add(one);
            one = default;
            if (buffer.Count == 0) return false;
            int at = order.NextInt(buffer.Count);
            one = buffer[at];
            buffer[at] = buffer[^1];
            buffer.RemoveAt(buffer.Count - 1);
            return true;
        }

        private bool Read(int batch, CancellationToken stop, out Numbered one)
        {
            one = default;
            if (dry) return false;
            stop.ThrowIfCancellationRequested();
            try
            {
                source ??= loader.data.Read(Stream(loader, epoch, 3), stop).GetEnumerator();
                if (!source.MoveNext())
                {
                    dry = true;
                    return false;
                }
                one = new Numbered(new Drawn<T>(source.Current, examples.Split((ulong)read)), read);
            }
            catch (Exception e) when (!(e is OperationCanceledException && stop.IsCancellationRequested))
            {
                throw DataLoadException.Reading(epoch, batch, read, e);
            }
            read++;
            return true;
        }

        public void Dispose() => source?.Dispose();
    }
}
