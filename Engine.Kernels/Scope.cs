namespace Engine.Kernels;

/// <summary>A stretch of one thread's work at whose end the storage that it allocated on one device is given back, kept ones excepted.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await; each thread has scopes of its own, and they nest.</remarks>
public readonly ref struct Scope
{
    private readonly ScopeFrame frame;

    internal Scope(Device device, string name) => frame = ScopeFrame.Push(device, name);

    /// <summary>Lets a storage out: it belongs to the scope around this one, or to nobody.</summary>
    public void Keep(Storage storage) => frame.Keep(storage);

    /// <summary>Whether the storage was allocated in this scope and is to be given back with it.</summary>
    internal bool Owns(Storage storage) => frame.Owns(storage);

    /// <summary>Gives back one storage before the scope's end.</summary>
    internal void End(Storage storage)
    {
        if (frame.Remove(storage)) storage.End(frame.Name);
    }

    /// <summary>Gives back what was not kept.</summary>
    public void Dispose() => frame.Pop();
}

/// <summary>What a scope allocated.</summary>
internal sealed class ScopeFrame
{
    [ThreadStatic] private static ScopeFrame? current;
    [ThreadStatic] private static Stack<HashSet<Storage>>? spare;   // ended frames', empty: what has grown need not grow again

    private readonly Device device;
    private readonly ScopeFrame? outer;
    private HashSet<Storage>? storages;                             // null once the scope has ended

    private ScopeFrame(Device device, string name, ScopeFrame? outer)
    {
        (this.device, Name, this.outer) = (device, name, outer);
        storages = spare?.TryPop(out var grown) == true ? grown : [];
    }

    public string Name { get; }

    public static ScopeFrame Push(Device device, string name) => current = new ScopeFrame(device, name, current);

    /// <summary>The innermost scope of this thread on that device owns the new storage.</summary>
    public static void Track(Storage storage)
    {
        for (var frame = current; frame is not null; frame = frame.outer)
        {
            if (frame.device != storage.Device) continue;
            frame.storages!.Add(storage);
            return;
        }
    }

    /// <summary>No scope owns the storage from now on: parameters and running statistics outlive every scope.</summary>
    public static void Untrack(Storage storage)
    {
        for (var frame = current; frame is not null; frame = frame.outer) frame.storages!.Remove(storage);
    }

    public bool Owns(Storage storage) => storages?.Contains(storage) == true;

    public bool Remove(Storage storage) => storages?.Remove(storage) == true;

    public void Keep(Storage storage)
    {
        if (!Remove(storage)) return;
        for (var frame = outer; frame is not null; frame = frame.outer)
        {
            if (frame.device != device) continue;
            frame.storages!.Add(storage);
            return;
        }
    }

    public void Pop()
    {
        if (current != this) throw new InvalidOperationException($"{Name} ended out of order, or twice: end scopes innermost first, with using.");
        current = outer;
        foreach (var storage in storages!) storage.End(Name);
        storages.Clear();
        (spare ??= []).Push(storages);
        storages = null;
    }
}
