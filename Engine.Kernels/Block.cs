using System.Runtime.InteropServices;

namespace Engine.Kernels;

/// <summary>A piece of a device's memory, which the pool lends to one <see cref="Storage"/> after another, whole or in parts.</summary>
internal abstract class Block(long bytes)
{
    public long Bytes { get; } = bytes;

    /// <summary>What of it is idle, where it is lent in parts; null where it is lent whole.</summary>
    public IdleRanges? Idle { get; set; }

    /// <summary>Gives the memory back to the system; called by the pool, or never.</summary>
    public abstract void Free();
}

/// <summary>What the pool lends of a block.</summary>
/// <param name="Block">The memory.</param>
/// <param name="Offset">The byte at which the piece begins.</param>
/// <param name="Bytes">How many were asked for.</param>
internal readonly record struct Piece(Block Block, long Offset, long Bytes);

/// <summary>Memory outside the managed heap, aligned to a cache line, or owned by somebody else at any alignment.</summary>
internal sealed unsafe class NativeBlock : Block
{
    private byte* pointer;
    private object? owner;

    public NativeBlock(long bytes) : base(bytes)
    {
        pointer = HugePages.Allocate((nuint)bytes);
        GC.AddMemoryPressure(bytes);
    }

    /// <summary>Memory of <paramref name="owner"/>, which is held alive as long as this block.</summary>
    public NativeBlock(byte* pointer, long bytes, object owner, bool writable) : base(bytes)
    {
        this.pointer = pointer;
        this.owner = owner;
        IsReadOnly = !writable;
    }

    public byte* Pointer => pointer;

    public bool IsReadOnly { get; }

    public override void Free()
    {
        if (owner is null && pointer is not null)
        {
            NativeMemory.AlignedFree(pointer);
            GC.RemoveMemoryPressure(Bytes);
        }
        pointer = null;
        owner = null;
        GC.SuppressFinalize(this);
    }

    // The pool holds every block it made, so this runs only when the pool itself is unreachable.
    ~NativeBlock() => Free();
}
