using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Kernels;

/// <summary>Where numbers live and kernels run. Each kernel family adds its slice of this contract in its own folder.</summary>
/// <remarks>A public kernel method checks its arguments once for all devices, calls the device's own <c>…Core</c>, and holds the storage
/// alive until that returns. A kernel may be called from many threads; two that touch the same storage are the caller's to order.</remarks>
public abstract partial class Device : IDisposable
{
    private readonly StoragePool pool;

    private protected Device(string name, Func<long, Block> allocate)
    {
        Name = name;
        pool = new StoragePool(allocate);
    }

    /// <summary>The default device: this machine's processor, on all of its cores.</summary>
    public static CpuDevice Cpu { get; } = new();

    /// <summary>The name by which it can be asked for: <c>cpu</c>, <c>reference</c>, <c>cuda:0</c>, <c>opencl:0</c>, <c>emulated</c>.</summary>
    public string Name { get; }

    /// <summary>What it is, in words: the maker's name, instruction sets, threads.</summary>
    public abstract string Description { get; }

    /// <summary>Bytes that tensors hold now, those forgotten but not yet collected included.</summary>
    public long BytesInUse => pool.BytesInUse;

    /// <summary>Bytes taken from the system, in use or idle in the pool.</summary>
    public long BytesReserved => pool.BytesReserved;

    /// <summary>The most bytes that the device may take from the system; no limit unless set.</summary>
    public long MemoryBudget
    {
        get => pool.Budget;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            pool.Budget = value;
        }
    }

    internal StoragePool Pool => pool;

    /// <summary>Told the name of each kernel after it was launched; for the tests' coverage.</summary>
    internal Action<string>? Launched { get; set; }

    /// <summary>Called within each kernel, when its arguments are read and its work is still to do; the tests collect garbage there.</summary>
    internal virtual Action? Within { get; set; }

    /// <summary>Told each op that was applied to tensors of this device; for the tests' coverage.</summary>
    internal Action<object>? Applied { get; set; }

    /// <summary>New storage, its numbers unset.</summary>
    /// <param name="dtype">Type of each number.</param>
    /// <param name="length">How many; 0 is fine.</param>
    /// <param name="op">Who asks, for the error.</param>
    /// <exception cref="DeviceMemoryException">Neither the device nor its budget has the room.</exception>
    public Storage Allocate(DType dtype, int length, string op = "Allocate")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long bytes = Math.Max(1, BlockBytes(dtype, length));
        var storage = new Storage(this, dtype, length, pool.Rent(bytes, op));
        ScopeFrame.Track(storage);
        StorageWatch.Told?.Allocated(storage, bytes);
        return storage;
    }

    /// <summary>Begins a scope: what this thread allocates here until its end is given back then, but for what it keeps.</summary>
    /// <param name="name">Named by the error of a tensor used too late.</param>
    public Scope Scope(string name = "its scope") => new(this, name, forward: false);

    /// <summary>Begins a scope around a part of a forward pass, a block of a model: at its end what this thread allocated here goes back, but for what it keeps,
    /// and what the graph saved goes back when the backward pass has passed it rather than with the whole step. What a view shares goes with the scope around, or with a collection.</summary>
    /// <param name="name">Named by the error of a tensor used too late.</param>
    /// <remarks>Keep the result, and whatever else is read later: <c>using var scope = x.Device.ForwardScope(); return scope.Keep(…);</c></remarks>
    public Scope ForwardScope(string name = "its forward scope") => new(this, name, forward: true);

    /// <summary>Gives the blocks of memory of which nothing is in use back to the system.</summary>
    public void Trim() => pool.Trim();

    /// <summary>Copies numbers in from the host, as many as the view has, in the storage's own layout.</summary>
    /// <exception cref="ArgumentException">The byte count does not fit the view.</exception>
    public void Upload(ReadOnlySpan<byte> source, View destination)
    {
        Mine(destination, nameof(Upload), nameof(destination));
        if (source.Length != (long)destination.Length * destination.DType.Size())
            throw new ArgumentException($"{source.Length} bytes do not fill {destination.Length} numbers of {destination.DType}.", nameof(source));
        if (destination.Length > 0) UploadCore(source, destination);
        Done(nameof(Upload), destination);
    }

    /// <summary>Copies numbers out to the host; waits for kernels still running.</summary>
    /// <exception cref="ArgumentException">The byte count does not fit the view.</exception>
    public void Download(View source, Span<byte> destination)
    {
        Mine(source, nameof(Download), nameof(source));
        if (destination.Length != (long)source.Length * source.DType.Size())
            throw new ArgumentException($"{source.Length} numbers of {source.DType} do not fill {destination.Length} bytes.", nameof(destination));
        Synchronize();
        if (source.Length > 0) DownloadCore(source, destination);
        Done(nameof(Download), source);
    }

    /// <summary>Copies Float32 numbers in from doubles; only the reference device keeps their full precision.</summary>
    public void Upload(ReadOnlySpan<double> source, View destination)
    {
        Check(destination, DType.Float32);
        if (source.Length != destination.Length) throw new ArgumentException($"{source.Length} numbers do not fill {destination.Length}.", nameof(source));
        UploadCore(source, destination);
        Done(nameof(Upload), destination);
    }

    /// <summary>Copies Float32 numbers out as doubles.</summary>
    public void Download(View source, Span<double> destination)
    {
        Check(source, DType.Float32);
        if (source.Length != destination.Length) throw new ArgumentException($"{source.Length} numbers do not fill {destination.Length}.", nameof(destination));
        Synchronize();
        DownloadCore(source, destination);
        Done(nameof(Download), source);
    }

    /// <summary>Waits until every kernel launched so far is done, and raises what went wrong in them.</summary>
    public virtual void Synchronize() { }

    /// <summary>Ends worker threads, contexts and idle memory. Optional: a device that nobody uses does so by itself.</summary>
    public void Dispose()
    {
        if (ReferenceEquals(this, Cpu)) return;                     // shared by everybody, and its threads sleep
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Description})";

    private protected virtual void Dispose(bool disposing) => pool.Trim();

    /// <summary>What storage takes of a block.</summary>
    internal virtual long BlockBytes(DType dtype, int length) => (long)length * dtype.Size();

    /// <summary>The numbers themselves, where they lie in host memory.</summary>
    internal virtual Span<T> HostSpan<T>(View view) where T : unmanaged
        => throw new DeviceException($"The numbers on {Name} are not in host memory. Copy them with ToArray(), or launch a kernel there.");

    private protected abstract void UploadCore(ReadOnlySpan<byte> source, View destination);

    private protected abstract void DownloadCore(View source, Span<byte> destination);

    private protected virtual void UploadCore(ReadOnlySpan<double> source, View destination)
    {
        var floats = new float[source.Length];
        for (int i = 0; i < floats.Length; i++) floats[i] = (float)source[i];
        if (floats.Length > 0) UploadCore(MemoryMarshal.AsBytes(floats.AsSpan()), destination);
    }

    private protected virtual void DownloadCore(View source, Span<double> destination)
    {
        var floats = new float[destination.Length];
        if (floats.Length > 0) DownloadCore(source, MemoryMarshal.AsBytes(floats.AsSpan()));
        for (int i = 0; i < floats.Length; i++) destination[i] = floats[i];
    }

    /// <summary>After each kernel; a debugging device waits here, so that an error names its kernel.</summary>
    private protected virtual void AfterLaunch(string kernel) { }

    /// <summary>Refuses a view of another device, another type or another length.</summary>
    private protected void Check(View view, DType dtype, int length = -1,
        [CallerMemberName] string kernel = "", [CallerArgumentExpression(nameof(view))] string argument = "")
    {
        Mine(view, kernel, argument);
        if (view.DType != dtype)
            throw new DTypeException($"{kernel}: {argument} is {view.DType}, and the kernel takes {dtype}. Cast it first.");
        if (length >= 0 && view.Length != length)
            throw new ArgumentException($"{kernel}: {argument} has {view.Length} numbers, and the sizes given need {length}.", argument);
    }

    /// <summary>Refuses a view of another device.</summary>
    private protected void Mine(View view, string kernel, string argument)
    {
        if (view.Storage is null) throw new ArgumentNullException(argument, $"{kernel}: {argument} is missing.");
        if (view.Storage.Device != this)
            throw new DeviceException($"{kernel}: {argument} is on {view.Storage.Device.Name}, and the kernel was called on {Name}. Copy it with tensor.To(device).");
        _ = view.Storage.Block;                                     // throws where a scope has ended
    }

    // Holding the arguments until here is what keeps a finalizer from recycling memory that a kernel still reads.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected void Done(string kernel, View a, View b = default, View c = default, View d = default, View e = default,
        View f = default, View g = default, View h = default)
    {
        GC.KeepAlive(a.Storage);
        GC.KeepAlive(b.Storage);
        GC.KeepAlive(c.Storage);
        GC.KeepAlive(d.Storage);
        GC.KeepAlive(e.Storage);
        GC.KeepAlive(f.Storage);
        GC.KeepAlive(g.Storage);
        GC.KeepAlive(h.Storage);
        AfterLaunch(kernel);
        Launched?.Invoke(kernel);
    }
}
