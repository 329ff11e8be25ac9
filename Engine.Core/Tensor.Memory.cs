using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Bytes that cross to a device in one copy; a span holds no more than 2³¹ − 1.</summary>
    private const int MostBytesAtOnce = 1 << 30;

    /// <summary>A tensor of numbers that lie in memory somebody else owns, a memory-mapped file for instance, at any alignment. On a
    /// processor it lives there without a copy and must only be read; on every other device it is a copy.</summary>
    /// <param name="pointer">First byte; little-endian numbers, row-major, <c>shape.Count · dtype.Size()</c> bytes.</param>
    /// <param name="dtype">Type of each number.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="owner">Held alive as long as a tensor lives on the memory.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    public static unsafe Tensor FromMemory(void* pointer, DType dtype, Shape shape, object owner, Device? device = null)
        => FromMemory(pointer, dtype, shape, owner, device, writable: false);

    /// <summary>The same; the memory is the tensor's to change where it is writable, as a private map of a file is, whose changes never reach the file.</summary>
    internal static unsafe Tensor FromMemory(void* pointer, DType dtype, Shape shape, object owner, Device? device, bool writable)
    {
        device ??= Device.Cpu;
        if (device is CpuDevice cpu && shape.Count > 0) return new Tensor(cpu.FromMemory(pointer, dtype, shape.Count, owner, writable), 0, shape);
        var y = Empty(shape, device, dtype, nameof(FromMemory));
        int size = dtype.Size(), most = MostBytesAtOnce / size;
        for (int first = 0; first < shape.Count;)
        {
            int count = Math.Min(most, shape.Count - first);
            device.Upload(new ReadOnlySpan<byte>((byte*)pointer + (long)first * size, count * size), y.View.Slice(first, count));
            first += count;
        }
        GC.KeepAlive(owner);
        return y;
    }

    /// <summary>Copies out some of the numbers as their bytes, little-endian and row-major; waits for the device.</summary>
    /// <param name="destination">A whole number of numbers long.</param>
    /// <param name="first">Index of the first number.</param>
    /// <exception cref="IndexException">There are not as many numbers from there on.</exception>
    public void CopyBytesTo(Span<byte> destination, int first = 0)
        => Device.Download(View.Slice(first, destination.Length / DType.Size()), destination);
}
