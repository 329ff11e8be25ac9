using System.Collections.Concurrent;

namespace Engine.Kernels;

/// <summary>Lends memory, and takes it back from scopes, from autograd and from finalizers: large pieces as parts of blocks, small ones as blocks by size class.</summary>
/// <remarks>A size class is a power of two in four steps, so at most a fifth of a block is idle. Large pieces are cut from blocks and grow together again, since a step's
/// gradients seldom have the sizes of the activations whose room they could take. Under a <see cref="Budget"/> new blocks are of one piece each, so that what is idle can be given
/// back. Where nothing idle fits and <see cref="CollectEvery"/> bytes were handed out since the last time, the pool asks for a garbage
/// collection before it asks the system for more: native memory is invisible to the collector's own pacing, and a loop that frees nothing must still stay flat.</remarks>
internal sealed class StoragePool(Func<long, Block> allocate)
{
    /// <summary>Bytes handed out between two collections that the pool asks for.</summary>
    private const long CollectEvery = 64L << 20;

    /// <summary>The largest block that is lent whole, of a size class; what exceeds it is cut from a block, a multiple of <see cref="Page"/> long.</summary>
    private const long Small = 224 << 10, Page = 4096;

    /// <summary>A block to cut from has the bytes asked for, or if that is more an eighth of what is there but at most these; from <see cref="HugePages.Size"/> on a multiple of it.</summary>
    private const long MostGrowth = 64 << 20;

    /// <summary>The longest wait for finalizers, which are done in well under a millisecond unless the machine is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<Block>> free = [];
    private readonly List<Block> divided = [];
    private readonly HashSet<Block> all = [];
    private readonly ConcurrentStack<Piece> reclaimed = new();
    private long budget = long.MaxValue, handedOutSinceCollection;
    private Task finalizers = Task.CompletedTask;
    private int collections;

    /// <summary>Bytes lent out now. A tensor that was forgotten counts until a collection finds it.</summary>
    public long BytesInUse { get; private set; }

    /// <summary>Bytes taken from the system now, lent out or idle.</summary>
    public long BytesReserved { get; private set; }

    public long Budget
    {
        get => budget;
        set
        {
            lock (gate)
            {
                Trim();                                             // what is idle would hold the new budget's room, or have no use without one
                budget = value;
            }
        }
    }

    /// <summary>False for a checker that follows each block from its birth: none is lent twice.</summary>
    public bool Recycles { get; set; } = true;

    /// <summary>A piece of at least that many bytes, its contents whatever they were.</summary>
    /// <exception cref="DeviceMemoryException">Neither the system nor the budget has the room, after all garbage was collected.</exception>
    public Piece Rent(long bytes, string op)
    {
        if (TryRent(bytes) is { } piece) return piece;
        if (Interlocked.Read(ref handedOutSinceCollection) > CollectEvery)
        {
            // Young garbage, and every fourth time all of it: what was alive at a collection is old at the next.
            Collect(Interlocked.Increment(ref collections) % 4 == 0 ? 2 : 1, Patience);
            if (TryRent(bytes) is { } found) return found;
        }
        if ((TryGrow(bytes, spare: true, out _) ?? TryGrow(bytes, spare: false, out _)) is { } grown) return grown;
        CollectEverything();
        if (TryRent(bytes) is { } last) return last;
        Trim();
        return TryGrow(bytes, spare: false, out var cause) ?? throw Exceeded(op, Granted(bytes), cause);
    }

    /// <summary>A piece of a new block; null where the budget, or the system for a cause, has no room for it.</summary>
    private Piece? TryGrow(long bytes, bool spare, out Exception? cause)
    {
        cause = null;
        long size;
        bool divides;
        lock (gate)
        {
            divides = IsCut(bytes);
            size = Granted(bytes);
            if (divides && spare) size = Math.Max(size, Up(Math.Min(BytesReserved / 8, MostGrowth), Page));
            if (divides && spare && size >= HugePages.Size) size = Up(size, HugePages.Size);
            if (BytesReserved > Budget - size) Trim();
            if (BytesReserved > Budget - size) return null;
            BytesReserved += size;
        }
        Block? made = null;
        try
        {
            made = allocate(size);
        }
        catch (Exception e) when (e is OutOfMemoryException or DeviceException)
        {
            cause = e;
            return null;
        }
        finally
        {
            if (made is null) lock (gate) BytesReserved -= size;
        }
        lock (gate)
        {
            all.Add(made);
            if (!divides) return Lend(made, 0, bytes);
            return Lend(made, Divide(made).Cut(Up(bytes, Page)), bytes);
        }
    }

    private IdleRanges Divide(Block block)
    {
        divided.Add(block);
        return block.Idle = new IdleRanges(block.Bytes);
    }

    private Piece Lend(Block block, long offset, long bytes)
    {
        var piece = new Piece(block, offset, bytes);
        long taken = Taken(piece);
        BytesInUse += taken;
        handedOutSinceCollection += taken;
        return piece;
    }

    /// <summary>Takes a piece back at once.</summary>
    public void Return(Piece piece)
    {
        lock (gate) Put(piece);
    }

    /// <summary>Takes a piece back from a finalizer: lock-free, emptied at the next rent.</summary>
    public void Reclaim(Piece piece) => reclaimed.Push(piece);

    /// <summary>Gives every idle block back to the system.</summary>
    public void Trim()
    {
        lock (gate)
        {
            Drain();
            foreach (var stack in free.Values)
                while (stack.TryPop(out var block)) Free(block);
            foreach (var block in divided.FindAll(block => block.Idle!.AreAll))
            {
                divided.Remove(block);
                Free(block);
            }
        }
    }

    private void Free(Block block)
    {
        all.Remove(block);
        BytesReserved -= block.Bytes;
        block.Free();
    }

    /// <summary>The size of each idle block, and of each part of one that can be lent by itself; the largest first.</summary>
    internal List<long> Idle()
    {
        lock (gate)
        {
            Drain();
            var parts = divided.SelectMany(block => block.Idle!.Lengths).Where(length => length > Small);
            return [.. free.Values.SelectMany(stack => stack).Select(block => block.Bytes).Concat(parts).OrderDescending()];
        }
    }

    /// <summary>64 bytes, then (4 + i) · 2^k for i in 0..3.</summary>
    internal static long SizeClass(long bytes)
    {
        if (bytes <= 64) return 64;
        int log = System.Numerics.BitOperations.Log2((ulong)(bytes - 1));
        return Up(bytes, 1L << Math.Max(log - 2, 6));
    }

    private static long Up(long bytes, long step) => (bytes + step - 1) / step * step;

    private bool IsCut(long bytes) => bytes > Small && budget == long.MaxValue && Recycles;

    private static long Taken(Piece piece) => piece.Block.Idle is null ? piece.Block.Bytes : Up(piece.Bytes, Page);

    /// <summary>What a piece of that many bytes takes.</summary>
    internal long Granted(long bytes) => IsCut(bytes) ? Up(bytes, Page) : SizeClass(bytes);

    private Piece? TryRent(long bytes)
    {
        lock (gate)
        {
            Drain();
            if (free.TryGetValue(SizeClass(bytes), out var stack) && stack.TryPop(out var whole)) return Lend(whole, 0, bytes);
            if (bytes <= Small) return null;
            foreach (var block in divided)
                if (block.Idle!.Cut(Up(bytes, Page)) is >= 0 and var offset) return Lend(block, offset, bytes);
            return null;
        }
    }

    private void Drain()
    {
        while (reclaimed.TryPop(out var piece)) Put(piece);
    }

    private void Put(Piece piece)
    {
        var block = piece.Block;
        if (!all.Contains(block)) return;                           // memory owned from outside
        long taken = Taken(piece);
        BytesInUse -= taken;
        if (!Recycles) return;
        if (block.Idle is null && IsCut(block.Bytes)) Divide(block); // lent under a budget that is no more
        else if (block.Idle is not null) block.Idle.Return(piece.Offset, taken);
        else if (free.TryGetValue(block.Bytes, out var stack)) stack.Push(block);
        else free[block.Bytes] = new Stack<Block>([block]);
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
