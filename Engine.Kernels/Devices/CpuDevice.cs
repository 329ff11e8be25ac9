using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>This machine's processor: vector loops on a worker pool of its own. The same program gives the same bits on any number of
/// threads.</summary>
public sealed unsafe partial class CpuDevice : Device
{
    private readonly WorkerPool workers;

    /// <summary>A processor device with memory and threads of its own.</summary>
    /// <param name="threads">Threads that a kernel may use, the caller's included; 0 means one for each core.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is negative or over 1024.</exception>
    public CpuDevice(int threads = 0) : base("cpu", bytes => new NativeBlock(bytes))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        workers = new WorkerPool(threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <summary>Threads that a kernel may use, the caller's included.</summary>
    public int Threads => workers.Threads;

    internal override Action? Within
    {
        get => workers.Within;
        set => workers.Within = value;
    }

    /// <summary>The widest vector instructions that this process may use.</summary>
    public static string Instructions =>
        Vector512.IsHardwareAccelerated ? "AVX-512"
        : Avx2.IsSupported && Fma.IsSupported ? "AVX2"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "no vector instructions";

    /// <inheritdoc/>
    public override string Description => $"{Instructions}, {Threads} thread{(Threads == 1 ? "" : "s")}";

    /// <summary>Storage over memory that somebody else owns, a memory-mapped file say, at any alignment. It is only read.</summary>
    /// <param name="pointer">First byte.</param>
    /// <param name="dtype">Type of each number.</param>
    /// <param name="length">How many.</param>
    /// <param name="owner">Held alive as long as the storage.</param>
    public Storage FromMemory(void* pointer, DType dtype, int length, object owner) => FromMemory(pointer, dtype, length, owner, writable: false);

    internal Storage FromMemory(void* pointer, DType dtype, int length, object owner, bool writable)
    {
        long bytes = BlockBytes(dtype, length);
        return new(this, dtype, length, new Piece(new NativeBlock((byte*)pointer, bytes, owner, writable), 0, bytes));
    }

    private protected override void Dispose(bool disposing)
    {
        workers.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>How many parts of a size cover a length.</summary>
    private static int Parts(int length, int size) => (length + size - 1) / size;

    /// <summary>Where a view begins. The contract's public method holds the storage alive while the pointer is used.</summary>
    private static T* Pointer<T>(View view) where T : unmanaged
        => (T*)Start(view.Storage) + view.Offset;

    internal static byte* Start(Storage storage) => Start(storage.Block, storage.Offset);

    private static byte* Start(Block block, long offset) => ((NativeBlock)block).Pointer + offset;

    private static float* Floats(View view) => Pointer<float>(view);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<T> Span<T>(View view) where T : unmanaged => new(Pointer<T>(view), view.Length);

    internal override Span<T> HostSpan<T>(View view) => Span<T>(view);

    private protected override void UploadCore(ReadOnlySpan<byte> source, View destination)
        => source.CopyTo(new Span<byte>(Pointer<byte>(destination with { Offset = 0 }) + (long)destination.Offset * destination.DType.Size(), source.Length));

    private protected override void DownloadCore(View source, Span<byte> destination)
        => new Span<byte>(Pointer<byte>(source with { Offset = 0 }) + (long)source.Offset * source.DType.Size(), destination.Length).CopyTo(destination);
}
