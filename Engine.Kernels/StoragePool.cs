using System.Collections.Concurrent;

namespace Engine.Kernels;

/// <summary>Lends blocks of memory by size class, and takes them back from scopes, from autograd and from finalizers.</summary>
/// <remarks>A size class is a power of two in four steps, so at most a fifth of a block is idle. Where no idle block fits and
/// <see cref="CollectEvery"/> bytes were handed out since the last time, the pool asks for a garbage collection before it asks the system
/// for more: native memory is invisible to the collector's own pacing, and a loop that frees nothing must still stay flat.</remarks>
internal sealed class StoragePool(Func<long, Block> allocate)
{
    /// <summary>Bytes handed out between two collections that the pool asks for.</summary>
    private const long CollectEvery = 64L << 20;

    /// <summary>The longest wait for finalizers, which are done in well under a millisecond unless the machine is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<Block>> free = [];
    private readonly HashSet<Block> all = [];
    private readonly ConcurrentStack<Block> reclaimed = new();
    private long handedOutSinceCollection;
    private Task finalizers = Task.CompletedTask;
    private int collections;

    /// <summary>Bytes lent out now. A tensor that was forgotten counts until a collection finds it.</summary>
    public long BytesInUse { get; private set; }

    /// <summary>Bytes taken from the system now, lent out or idle.</summary>
    public long BytesReserved { get; private set; }

    public long Budget { get; set; } = long.MaxValue;

    /// <summary>False for a checker that follows each block from its birth: none is lent twice.</summary>
    public bool Recycles { get; set; } = true;

    /// <summary>A block of at least that many bytes, its contents whatever they were.</summary>
    /// <exception cref="DeviceMemoryException">Neither the system nor the budget has the room, after all garbage was collected.</exception>
    public Block Rent(long bytes, string op)
    {
        long size = SizeClass(bytes);
        if (TryRent(size) is { } block) return block;
        if (Interlocked.Read(ref handedOutSinceCollection) > CollectEvery)
        {
            // Young garbage, and every fourth time all of it: what was alive at a collection is old at the next.
            Collect(Interlocked.Increment(ref collections) % 4 == 0 ? 2 : 1, Patience);
            if (TryRent(size) is { } found) return found;
        }
        if (!TryReserve(size))
        {
            CollectEverything();
            if (TryRent(size) is { } found) return found;
            if (!TryReserve(size)) throw Exceeded(op, size, null);
        }
        try
        {
            return Lend(Allocate(size, op));
        }
        catch
        {
            lock (gate) BytesReserved -= size;
            throw;
        }
    }

    /// <summary>Room for a new block within the budget, idle blocks given back for it if need be.</summary>
    private bool TryReserve(long size)
    {
        lock (gate)
        {
            if (BytesReserved > Budget - size) Trim();
            if (BytesReserved > Budget - size) return false;
            BytesReserved += size;
            return true;
        }
    }

    private Block Allocate(long size, string op)
    {
        try
        {
            return allocate(size);
        }
        catch (Exception e) when (e is OutOfMemoryException or DeviceException)
        {
            CollectEverything();
            Trim();
            try
            {
                return allocate(size);
            }
            catch (Exception again) when (again is OutOfMemoryException or DeviceException)
            {
                throw Exceeded(op, size, again);
            }
        }
    }

    private Block Lend(Block made)
    {
        lock (gate)
        {
            all.Add(made);
            BytesInUse += made.Bytes;
            handedOutSinceCollection += made.Bytes;
        }
        return made;
    }

    /// <summary>Takes a block back at once.</summary>
    public void Return(Block block)
    {
        lock (gate) Put(block);
    }

    /// <summary>Takes a block back from a finalizer: lock-free, emptied at the next rent.</summary>
    public void Reclaim(Block block) => reclaimed.Push(block);

    /// <summary>Gives every idle block back to the system.</summary>
    public void Trim()
    {
        lock (gate)
        {
            Drain();
            foreach (var stack in free.Values)
            {
                while (stack.TryPop(out var block))
                {
                    all.Remove(block);
                    BytesReserved -= block.Bytes;
                    block.Free();
                }
            }
        }
    }

    /// <summary>The size of each idle block.</summary>
    internal List<long> Idle()
    {
        lock (gate)
        {
            Drain();
            return [.. free.Values.SelectMany(stack => stack).Select(block => block.Bytes)];
        }
    }

    /// <summary>64 bytes, then (4 + i) · 2^k for i in 0..3.</summary>
    internal static long SizeClass(long bytes)
    {
        if (bytes <= 64) return 64;
        int log = System.Numerics.BitOperations.Log2((ulong)(bytes - 1));
        long step = 1L << Math.Max(log - 2, 6);
        return (bytes + step - 1) / step * step;
    }

    private Block? TryRent(long size)
    {
        lock (gate)
        {
            Drain();
            if (!free.TryGetValue(size, out var stack) || !stack.TryPop(out var block)) return null;
            BytesInUse += size;
            handedOutSinceCollection += size;
            return block;
        }
    }

    private void Drain()
    {
        while (reclaimed.TryPop(out var block)) Put(block);
    }

    private void Put(Block block)
    {
        if (!all.Contains(block)) return;                           // memory owned from outside
        BytesInUse -= block.Bytes;
        if (!Recycles) return;
        if (!free.TryGetValue(block.Bytes, out var stack)) free[block.Bytes] = stack = new Stack<Block>();
        stack.Push(block);
    }

    /// <summary>The last resort before an error: all garbage, and its finalizers seen through, unless one of them hangs.</summary>
    private void CollectEverything() => Collect(2, TimeSpan.FromSeconds(2));

    private void Collect(int generation, TimeSpan patience)
    {
        Interlocked.Exchange(ref handedOutSinceCollection, 0);
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        // Finalizers push what was found. They are waited for patiently, but not for ever: a user's own may block.
        Task waiting;
        lock (gate) waiting = finalizers.IsCompleted ? finalizers = Task.Run(GC.WaitForPendingFinalizers) : finalizers;
        waiting.Wait(patience);
    }

    private DeviceMemoryException Exceeded(string op, long bytes, Exception? cause)
    {
        string why = Budget == long.MaxValue
            ? $"and the system gave no more ({cause?.Message})"
            : $"over its budget of {Budget:N0}";
        return new DeviceMemoryException(
            $"{op} asked for {bytes:N0} bytes with {BytesInUse:N0} in use, {why}. Use a smaller batch, end scopes earlier, or raise Device.MemoryBudget.",
            op, bytes, BytesInUse, Budget);
    }
}
