namespace Engine.Kernels;

/// <summary>A row of numbers of one <see cref="DType"/> in one device's memory. Tensors share it and count themselves in and out;
/// one that everybody forgot is reclaimed after a garbage collection.</summary>
public sealed class Storage
{
    private readonly Block block;
    private readonly long offset;
    private int references = 1;
    private bool letGo;
    private string? ended;

    internal Storage(Device device, DType dtype, int length, Piece piece)
    {
        (Device, DType, Length, block, offset) = (device, dtype, length, piece.Block, piece.Offset);
    }

    /// <summary>The device whose memory this is.</summary>
    public Device Device { get; }

    /// <summary>The type of each number.</summary>
    public DType DType { get; }

    /// <summary>How many numbers there are.</summary>
    public int Length { get; }

    /// <summary>Counts the writes in place, so that a backward pass can tell that a value it saved has changed since.</summary>
    public int Version { get; internal set; }

    /// <summary>Whether the memory is somebody else's, which kernels read and do not write.</summary>
    public bool IsReadOnly => block is NativeBlock { IsReadOnly: true };

    /// <summary>Whether the memory still belongs to this storage.</summary>
    public bool IsAlive => ended is null;

    /// <summary>The memory itself.</summary>
    /// <exception cref="ObjectDisposedException">It was given back; the message says by whom.</exception>
    internal Block Block => ended is null
        ? block
        : throw new ObjectDisposedException("Tensor", $"This tensor's memory was given back when {ended} ended. Keep it with scope.Keep(tensor), or read it earlier.");

    /// <summary>The byte of the <see cref="Block"/> at which the memory begins.</summary>
    internal long Offset => offset;

    private Piece Piece => new(block, offset, Device.BlockBytes(DType, Length));

    internal void Retain() => Interlocked.Increment(ref references);

    /// <summary>One user fewer; the last one gives the memory back to the pool.</summary>
    internal void Release(string by)
    {
        if (Interlocked.Decrement(ref references) == 0) End(by);
    }

    /// <summary>Its first user, for whom it was allocated, needs it no more: counts once.</summary>
    internal void LetGo(string by)
    {
        if (!Interlocked.Exchange(ref letGo, true)) Release(by);
    }

    /// <summary>Its first user is a graph from now on, which gives it back by <see cref="Release"/>.</summary>
    internal void PassOn() => letGo = true;

    /// <summary>Gives the memory back whoever still uses it.</summary>
    internal void End(string by)
    {
        if (Interlocked.CompareExchange(ref ended, by, null) is not null) return;
        GC.SuppressFinalize(this);
        StorageWatch.Told?.Ended(this);
        Device.Pool.Return(Piece);
    }

    /// <summary>Reclaims what everybody forgot. Finalizers run beside everything else: only push, never free.</summary>
    ~Storage()
    {
        if (Interlocked.CompareExchange(ref ended, "a finalizer", null) is null) Device.Pool.Reclaim(Piece);
    }
}

/// <summary>Consecutive numbers of a <see cref="Kernels.Storage"/>: what kernels take.</summary>
/// <param name="Storage">The numbers.</param>
/// <param name="Offset">Index of the first one.</param>
/// <param name="Length">How many.</param>
public readonly record struct View(Storage Storage, int Offset, int Length)
{
    /// <summary>All of a storage.</summary>
    public View(Storage storage) : this(storage, 0, storage.Length) { }

    /// <summary>The type of each number.</summary>
    public DType DType => Storage.DType;

    /// <summary>The device whose memory this is.</summary>
    public Device Device => Storage.Device;

    /// <summary>A part of this view.</summary>
    public View Slice(int offset, int length)
    {
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
            throw new IndexException($"A slice of {length} from {offset} does not lie within a view of {Length} numbers.");
        return new View(Storage, Offset + offset, length);
    }
}
