using Engine.Kernels;

namespace Engine.Core;

/// <summary>Numbers in a shape, dense and row-major, on one device. A tensor is a value: ops make new ones, and reshapes and slices of the
/// leading axis share memory. Nobody has to dispose it.</summary>
public sealed partial class Tensor
{
    private readonly Storage storage;
    private readonly int offset;

    /// <summary>Wraps storage: the tensor is its only user, unless it was retained before.</summary>
    internal Tensor(Storage storage, int offset, Shape shape)
    {
        (this.storage, this.offset, Shape) = (storage, offset, shape);
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How many axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>How many numbers.</summary>
    public int Count => Shape.Count;

    /// <summary>The type of each number.</summary>
    public DType DType => storage.DType;

    /// <summary>The device that holds the numbers.</summary>
    public Device Device => storage.Device;

    /// <summary>What errors and printed graphs call it, a parameter's path for instance.</summary>
    public string? Name { get; set; }

    /// <summary>Whether a gradient with respect to this tensor can be asked for.</summary>
    public bool RequiresGrad { get; private set; }

    /// <summary>The op that made this tensor, where one was recorded.</summary>
    public Op? Creator { get; internal set; }

    /// <summary>The numbers, for kernels. Whoever uses it holds this tensor alive until the kernel has returned, as an <see cref="Op"/> does for
    /// its inputs and its result.</summary>
    public View View => new(storage, offset, Count);

    internal Storage Storage => storage;

    /// <summary>Marks a tensor that no op made as one to compute gradients for.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="DTypeException">Its numbers are not floating-point ones.</exception>
    public Tensor WithGrad()
    {
        if (Creator is not null) throw new GraphException($"{this.Describe()} was made by {Creator.Name} and has its gradient through it. Detach() it first.");
        if (DType != DType.Float32) throw new DTypeException($"Only Float32 tensors have gradients, and {this.Describe()} is {DType}.");
        RequiresGrad = true;
        return this;
    }

    /// <summary>The same numbers, without the graph behind them: no gradient flows through.</summary>
    public Tensor Detach() => Share(0, Shape);

    /// <summary>A copy with memory of its own.</summary>
    /// <remarks>Gradient: dy.</remarks>
    public Tensor Clone() => Op.Apply(new CloneOp(), this);

    /// <summary>A tensor over the same storage.</summary>
    internal Tensor Share(int from, Shape shape)
    {
        Retain();
        return new Tensor(storage, offset + from, shape) { Name = Name };
    }

    /// <summary>One user more of the storage, until <see cref="Release"/>.</summary>
    internal void Retain()
    {
        _ = storage.Block;                                          // throws where a scope has ended
        storage.Retain();
    }

    internal void Record(Op creator)
    {
        Creator = creator;
        RequiresGrad = true;
    }

    /// <summary>Gives the memory back before its time; for those who know that nobody else reads this tensor.</summary>
    internal void Release(string by) => storage.LetGo(by);

    /// <summary>Ends the storage whoever still uses it.</summary>
    internal void EndStorage(string by) => storage.End(by);

    /// <summary>"(2, 3) 'fc.weight'".</summary>
    internal string Describe() => Name is null ? Shape.ToString() : $"{Shape} '{Name}'";
}
