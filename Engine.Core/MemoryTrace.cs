using Engine.Kernels;

namespace Engine.Core;

/// <summary>Writes down what one thread's ops take and give back, in order, as long as it is told: by <see cref="Begin"/>.</summary>
/// <param name="place">Where an op belongs, asked when its forward pass begins.</param>
internal sealed class MemoryTrace(Func<object?> place) : IOpWatcher, IStorageWatcher
{
    private readonly Dictionary<Storage, int> numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Op, object?> places = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(Op Op, bool Backward)> open = new();
    private readonly List<Event> events = [];

    /// <summary>Storage taken, or given back.</summary>
    /// <param name="Number">Which storage, in the order of their beginnings.</param>
    /// <param name="Bytes">What was asked for; 0 where it is given back.</param>
    /// <param name="Op">The outermost op under way; null outside all.</param>
    /// <param name="Backward">Whether it was in its backward pass.</param>
    /// <param name="Place">Where that op belongs.</param>
    /// <param name="Call">Counts the outermost ops' passes: equal for what one of them did.</param>
    public readonly record struct Event(int Number, long Bytes, string? Op, bool Backward, object? Place, int Call)
    {
        public bool IsEnd => Bytes == 0;
    }

    private int call;

    /// <summary>In order.</summary>
    public IReadOnlyList<Event> Events => events;

    /// <summary>What storage of that many bytes takes from a device's pool.</summary>
    public static long Rounded(Device device, long bytes) => device.Pool.Granted(Math.Max(1, bytes));

    /// <summary>What a tensor's storage takes from the pool, counted for it alone.</summary>
    public static long Rounded(Tensor x) => Rounded(x.Device, x.Device.BlockBytes(x.DType, x.Count));

    /// <summary>The number of a tensor's storage; −1 where it was not taken here.</summary>
    public int NumberOf(Tensor x) => numbers.GetValueOrDefault(x.Storage, -1);

    /// <summary>Writes down until disposed.</summary>
    public Watches Begin() => new(this);

    public readonly ref struct Watches
    {
        private readonly OpWatch ops;
        private readonly StorageWatch storages;

        internal Watches(MemoryTrace trace)
        {
            ops = OpWatch.Begin(trace);
            storages = StorageWatch.Begin(trace);
        }

        public void Dispose()
        {
            storages.Dispose();
            ops.Dispose();
        }
    }

    void IOpWatcher.Begins(Op op, bool backward)
    {
        if (!backward) places[op] = place();
        if (open.Count == 0) call++;
        open.Push((op, backward));
    }

    void IOpWatcher.Ends(Op op, bool backward) => open.Pop();

    void IStorageWatcher.Allocated(Storage storage, long bytes)
    {
        numbers[storage] = numbers.Count;
        Write(numbers[storage], bytes);
    }

    void IStorageWatcher.Ended(Storage storage)
    {
        if (numbers.TryGetValue(storage, out int number)) Write(number, 0);
    }

    private void Write(int number, long bytes)
    {
        if (open.Count == 0) events.Add(new(number, bytes, null, false, null, 0));
        else
        {
            var (op, backward) = open.Last();                       // a stack lists its newest first
            events.Add(new(number, bytes, op.Name, backward, places.GetValueOrDefault(op), call));
        }
    }
}
