namespace Engine.Kernels;

/// <summary>Somebody who is told of the storage that one thread takes and gives back.</summary>
internal interface IStorageWatcher
{
    /// <param name="storage">The new storage.</param>
    /// <param name="bytes">What it asked the pool for.</param>
    void Allocated(Storage storage, long bytes);

    void Ended(Storage storage);
}

/// <summary>While it lives, somebody is told of the storage of this thread.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await; the innermost one is told.</remarks>
internal readonly ref struct StorageWatch
{
    [ThreadStatic] private static IStorageWatcher? told;

    private readonly IStorageWatcher? outer;

    private StorageWatch(IStorageWatcher watcher) => (outer, told) = (told, watcher);

    /// <summary>Tells of this thread's storage until disposed.</summary>
    public static StorageWatch Begin(IStorageWatcher watcher) => new(watcher);

    /// <summary>Whom to tell; null mostly.</summary>
    public static IStorageWatcher? Told => told;

    /// <summary>Tells whom it told before.</summary>
    public void Dispose() => told = outer;
}
