using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Has threads of its own fill batches ahead of the one who takes them, in order, at most so many ahead. Without threads, a batch is filled when
/// it is taken.</summary>
internal sealed class Prefetcher : IDisposable
{
    /// <summary>Fills a batch; false where there is none of that number, nor a later one.</summary>
    public delegate bool Fill(int batch, HostBatch into, CancellationToken stop);

    private sealed class Slot
    {
        public HostBatch Batch { get; } = new();
        public bool Filled { get; set; }
        public Exception? Error { get; set; }
    }

    private readonly Fill fill;
    private readonly Slot[] slots;   // batch b is filled in slot b % slots.Length
    private readonly Lock gate = new();
    private readonly SemaphoreSlim free;
    private readonly SemaphoreSlim[] filled;
    private readonly CancellationToken cancel;
    private readonly CancellationTokenSource stop;
    private readonly List<Thread> threads = [];
    private int next, taken, end;

    /// <param name="fill">Called by several threads at once, for batches in order.</param>
    /// <param name="first">The first batch.</param>
    /// <param name="end">The batch after the last; <see cref="int.MaxValue"/> where only <paramref name="fill"/> knows.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="ahead">Batches that may be filled before they are taken.</param>
    /// <param name="cancel">Ends a wait.</param>
    public Prefetcher(Fill fill, int first, int end, int workers, int ahead, CancellationToken cancel)
    {
        (this.fill, next, taken, this.end, this.cancel) = (fill, first, first, end, cancel);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int count = workers == 0 ? 1 : Math.Max(1, Math.Min(ahead, end - first));
        slots = [.. Enumerable.Range(0, count).Select(_ => new Slot())];
        filled = [.. slots.Select(_ => new SemaphoreSlim(0))];
        free = new SemaphoreSlim(count);
        try
        {
            for (int i = 0; i < Math.Min(workers, end - first); i++)
            {
                var thread = new Thread(Work) { IsBackground = true, Name = $"Engine data {i}" };
                thread.Start();
                threads.Add(thread);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Every batch, on a device.</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="waited">Counts the time for which each of them held up whoever takes it.</param>
    /// <param name="start">Since when the first one did.</param>
    public IEnumerable<Batch> TakeAll(Device device, WaitClock waited, long start)
    {
        while (true)
        {
            bool any = TryTake(device, out var batch);
            waited.AddSince(start);
            if (!any) yield break;
            yield return batch;
            start = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The next batch, on a device.</summary>
    public bool TryTake(Device device, out Batch batch)
    {
        batch = default;
        cancel.ThrowIfCancellationRequested();
        if (taken >= Volatile.Read(ref end)) return false;
        var slot = slots[taken % slots.Length];
        if (threads.Count == 0)
        {
            if (!fill(taken, slot.Batch, cancel)) return false;
        }
        else
        {
            filled[taken % slots.Length].Wait(cancel);
            cancel.ThrowIfCancellationRequested();                  // where a worker saw it first, its error has the workers' token
            if (slot.Error is { } error) ExceptionDispatchInfo.Throw(error);
            if (!slot.Filled) return false;
            slot.Filled = false;
        }
        batch = slot.Batch.ToBatch(device);
        taken++;
        if (threads.Count > 0) free.Release();
        return true;
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                free.Wait(stop.Token);
                int batch;
                lock (gate)
                {
                    if (next >= end) return;
                    batch = next++;
                }
                var slot = slots[batch % slots.Length];
                try
                {
                    slot.Filled = fill(batch, slot.Batch, stop.Token);
                }
                catch (Exception e)
                {
                    slot.Error = e;   // thrown to the one who takes this batch
                }
                if (!slot.Filled) EndAt(batch);
                filled[batch % slots.Length].Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of this thread, as asked for.
        }
    }

    /// <summary>Later batches are not begun; this one is still taken, for its error or to learn that there is none.</summary>
    private void EndAt(int batch)
    {
        lock (gate) end = Math.Min(end, batch + 1);
    }

    /// <summary>Ends the threads, each when the example it is reading is done, and waits for them.</summary>
    public void Dispose()
    {
        stop.Cancel();
        foreach (var thread in threads) thread.Join();
        free.Dispose();
        foreach (var one in filled) one.Dispose();
        stop.Dispose();
    }
}
