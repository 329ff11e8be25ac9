using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Batches of a data set's examples. The same seed gives the same batches whatever the number of workers, and from whichever batch on.</summary>
/// <remarks>The order of epoch e, shuffled and not by weights or lengths, is <c>new Rng(seed).Split(e).Permutation(n)</c>;
/// example i of it draws from <c>new Rng(seed).Split(e).Split(i)</c>.</remarks>
public sealed class DataLoader<T> : IBatches
{
    private readonly IDataset<T> data;
    private readonly ICollator<T> collator;
    private readonly ulong seed;
    private readonly bool shuffle, dropLast;
    private readonly int workers, prefetch;
    private readonly WeightedOrder? weighted;
    private readonly LengthOrder? bucketed;
    private readonly WaitClock waited = new();

    /// <summary>A loader.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="collator">Puts them side by side.</param>
    /// <param name="batchSize">Examples of a batch.</param>
    /// <param name="seed">Of the order and of what is random in the examples.</param>
    /// <param name="shuffle">Whether an epoch has the examples in random order.</param>
    /// <param name="weights">How likely each example is: then an epoch has Count examples drawn with replacement. One that is drawn twice in an epoch is
    /// the same both times.</param>
    /// <param name="dropLast">Whether a last batch that is not full is left out.</param>
    /// <param name="workers">Threads that make batches while the caller is busy; 0 makes each when it is asked for.</param>
    /// <param name="prefetch">Batches that each worker may be ahead.</param>
    /// <param name="lengths">How long each example is: then a batch has examples of like lengths, so that little of it is padding. Shuffled, an epoch has
    /// random examples in random order, sorted by length within every hundred batches, the batches then in random order, and random ones in a last batch that is not full; else all are sorted.</param>
    /// <exception cref="ArgumentException">There are not as many weights or lengths as examples, a weight is not finite or negative, all are 0, or
    /// <paramref name="shuffle"/> or lengths are asked for with them.</exception>
    public DataLoader(IDataset<T> data, ICollator<T> collator, int batchSize, ulong seed = 0, bool shuffle = false, IReadOnlyList<double>? weights = null,
        bool dropLast = false, int workers = 0, int prefetch = 2, IReadOnlyList<int>? lengths = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(collator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prefetch);
        if (weights is not null && shuffle) throw new ArgumentException("Weights draw the order already. Leave shuffle out.", nameof(shuffle));
        if (weights is not null && weights.Count != data.Count) throw new ArgumentException($"There are {weights.Count} weights for {data.Count} examples. Give one for each.", nameof(weights));
        if (weights is not null && lengths is not null) throw new ArgumentException("Weights draw the order already. Leave lengths out.", nameof(lengths));
        if (lengths is not null && lengths.Count != data.Count) throw new ArgumentException($"There are {lengths.Count} lengths for {data.Count} examples. Give one for each.", nameof(lengths));
        (this.data, this.collator, BatchSize, this.seed, this.shuffle) = (data, collator, batchSize, seed, shuffle);
        (this.dropLast, this.workers, this.prefetch) = (dropLast, workers, prefetch);
        weighted = weights is null ? null : new WeightedOrder(weights);
        bucketed = lengths is null ? null : new LengthOrder(lengths, batchSize);
    }

    /// <summary>Examples of a batch; a last one may have fewer.</summary>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int? Count => dropLast ? data.Count / BatchSize * BatchSize : data.Count;

    /// <inheritdoc/>
    public int? BatchCount => Batches(data.Count);

    /// <inheritdoc/>
    public string Settings
        => $"batches of {BatchSize}, {(weighted is not null ? "drawn by weights" : shuffle ? "shuffled" : "in order")}{(bucketed is null ? "" : " by length")} with seed {seed}{(dropLast ? ", the last one dropped unless full" : "")}{Further(data.Settings)}{Further(collator.Settings)}";

    /// <summary>Time for which the loader held up those who took batches, all epochs together: waiting for a worker, or making the batch where there are
    /// none, and copying it to the device.</summary>
    public TimeSpan Waited => waited.Total;

    /// <inheritdoc/>
    /// <exception cref="DataLoadException">An example could not be read, or a batch not be put together. It is thrown in that batch's place.</exception>
    /// <exception cref="DatasetChangedException">The data set's Count changed during the epoch.</exception>
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
        var order = new EpochOrder(this, epoch);
        using var batches = new Prefetcher(order.Fill, skip, Math.Max(skip, Batches(order.Count)), workers, workers * prefetch, cancel);
        foreach (var batch in batches.TakeAll(device, waited, start)) yield return batch;
    }

    private static string Further(string settings) => settings.Length == 0 ? "" : $"; {settings}";

    private int Batches(int count) => dropLast ? count / BatchSize : (int)(((long)count + BatchSize - 1) / BatchSize);

    /// <summary>Which examples an epoch has, and how a batch is made of them.</summary>
    private sealed class EpochOrder
    {
        private readonly DataLoader<T> loader;
        private readonly int epoch;
        private readonly Rng streams;
        private readonly int[]? order;

        public EpochOrder(DataLoader<T> loader, int epoch)
        {
            (this.loader, this.epoch, Count) = (loader, epoch, loader.data.Count);
            streams = new Rng(loader.seed).Split((ulong)epoch);
            if (loader.weighted is { } weighted)
            {
                if (weighted.Count != Count) throw new DatasetChangedException(epoch, weighted.Count, Count);
                order = weighted.Draw(new Rng(streams.Seed));
            }
            else if (loader.bucketed is { } bucketed)
            {
                if (bucketed.Count != Count) throw new DatasetChangedException(epoch, bucketed.Count, Count);
                order = loader.shuffle ? bucketed.Draw(new Rng(streams.Seed)) : bucketed.Sorted();
            }
            else if (loader.shuffle) order = new Rng(streams.Seed).Permutation(Count);
        }

        /// <summary>Examples in it.</summary>
        public int Count { get; }

        public bool Fill(int batch, HostBatch into, CancellationToken stop)
        {
            int first = batch * loader.BatchSize, count = Math.Min(loader.BatchSize, Count - first);
            var examples = new Drawn<T>[count];
            for (int i = 0; i < count; i++)
            {
                stop.ThrowIfCancellationRequested();
                examples[i] = Get(order?[first + i] ?? first + i, batch);
            }
            RequireUnchanged(null);
            try
            {
                // Examples have the streams below 2³², batches those above.
                loader.collator.Collate(examples, into, streams.Split((1UL << 32) + (ulong)batch));
            }
            catch (Exception e)
            {
                throw DataLoadException.Collating(epoch, batch, i => order?[first + i] ?? first + i, e);
            }
            return true;
        }

        private Drawn<T> Get(int index, int batch)
        {
            RequireUnchanged(null);
            var rng = streams.Split((ulong)index);
            try
            {
                return new Drawn<T>(loader.data.Get(index, rng), rng);
            }
            catch (Exception e)
            {
                RequireUnchanged(e);
                throw DataLoadException.Reading(epoch, batch, index, e);
            }
        }

        private void RequireUnchanged(Exception? inner)
        {
            int found = loader.data.Count;
            if (found != Count) throw new DatasetChangedException(epoch, Count, found, inner);
        }
    }
}
