using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine.Core;

// Numbers that an app has in memory of its own, in and out. Where they lie dense and row-major on the processor, nothing is copied.
public sealed partial class Tensor
{
    /// <summary>A tensor that lives in an app's own memory, an array for instance: on a processor nothing is copied, and the memory stays pinned
    /// until the last tensor on it is forgotten and collected. On every other device it is a copy.</summary>
    /// <param name="values">As many as the shape has, row-major. What the app writes there later is what the tensor then holds; ops that read
    /// meanwhile may see either. The engine never writes there.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <exception cref="ShapeException">The count does not fit the shape.</exception>
    public static Tensor FromMemory(ReadOnlyMemory<float> values, Shape shape, Device? device = null) => FromMemory(values, shape, DType.Float32, device);

    /// <summary>A tensor of integers, indices or classes, that lives in an app's own memory.</summary>
    /// <inheritdoc cref="FromMemory(ReadOnlyMemory{float}, Shape, Device?)"/>
    public static Tensor FromMemory(ReadOnlyMemory<int> values, Shape shape, Device? device = null) => FromMemory(values, shape, DType.Int32, device);

    /// <summary>A tensor of bytes, pixels or flags, that lives in an app's own memory.</summary>
    /// <inheritdoc cref="FromMemory(ReadOnlyMemory{float}, Shape, Device?)"/>
    public static Tensor FromMemory(ReadOnlyMemory<byte> values, Shape shape, Device? device = null) => FromMemory(values, shape, DType.UInt8, device);

    private static unsafe Tensor FromMemory<T>(ReadOnlyMemory<T> values, Shape shape, DType dtype, Device? device) where T : unmanaged
    {
        RequireCount(values.Length, shape);
        if ((device ?? Device.Cpu) is not CpuDevice || shape.Count == 0) return From(values.Span, shape, dtype, device);
        var pin = new Pin(values.Pin());
        return FromMemory(pin.Pointer, dtype, shape, pin, device);
    }

    /// <summary>A tensor with the numbers and the lengths of a span of .NET's tensors. It is a copy: nobody can hold a span. To share memory, give
    /// an array to <see cref="FromMemory(ReadOnlyMemory{float}, Shape, Device?)"/>.</summary>
    /// <param name="values">At any strides.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <exception cref="ShapeException">It has more numbers than one tensor holds.</exception>
    [OverloadResolutionPriority(-1)]                                // an array turns into such a span too
    public static Tensor From(in ReadOnlyTensorSpan<float> values, Device? device = null)
    {
        var shape = ShapeOf(values.Lengths);
        device ??= Device.Cpu;
        if (device is not CpuDevice)
        {
            var numbers = new float[shape.Count];
            values.FlattenTo(numbers);
            return From(numbers, shape, device);
        }
        var y = Empty(shape, device);
        values.FlattenTo(device.HostSpan<float>(y.View));
        GC.KeepAlive(y);
        return y;
    }

    /// <summary>Lets a function read the numbers where they lie, row-major, without a copy. They stay there until it returns.</summary>
    /// <typeparam name="T">On the processor the type of the numbers, as in <see cref="ToArray{T}"/>; on a reference device always double.</typeparam>
    /// <exception cref="DeviceException">The tensor is on a GPU: copy it with <see cref="ToArray{T}"/>, or move it with To(device).</exception>
    /// <exception cref="DTypeException">T is another type.</exception>
    public void Read<T>(Action<ReadOnlySpan<T>> read) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(read);
        read(HostSpan<T>());
        GC.KeepAlive(this);
    }

    /// <summary>What a function makes of the numbers where they lie.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public TResult Read<T, TResult>(Func<ReadOnlySpan<T>, TResult> read) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(read);
        var result = read(HostSpan<T>());
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>Lets a function read the numbers where they lie as a span of .NET's tensors, of this shape; one without axes as of length 1.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public void ReadTensorSpan<T>(Action<ReadOnlyTensorSpan<T>> read) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(read);
        read(new ReadOnlyTensorSpan<T>(HostSpan<T>(), Lengths()));
        GC.KeepAlive(this);
    }

    /// <summary>Copies the numbers out into a span of .NET's tensors, at any strides; waits for the device.</summary>
    /// <exception cref="ShapeException">Its lengths are not this shape.</exception>
    /// <exception cref="DTypeException">The numbers are not Float32.</exception>
    [OverloadResolutionPriority(-1)]
    public void CopyTo(in TensorSpan<float> destination)
    {
        var lengths = Lengths();
        if (!destination.Lengths.SequenceEqual(lengths))
            throw new ShapeException($"{Describe()} does not fit a span of lengths ({string.Join(", ", destination.Lengths.ToArray())}).");
        RequireType<float>();
        if (Count == 0) return;
        var numbers = Device is CpuDevice ? Device.HostSpan<float>(View) : ToArray();
        new ReadOnlyTensorSpan<float>(numbers, lengths).CopyTo(destination);
        GC.KeepAlive(this);
    }

    private Span<T> HostSpan<T>() where T : unmanaged
    {
        if (Device is not ReferenceDevice || typeof(T) != typeof(double)) RequireType<T>();
        return Device.HostSpan<T>(View);
    }

    private nint[] Lengths()
    {
        if (Rank == 0) return [1];
        var lengths = new nint[Rank];
        for (int i = 0; i < lengths.Length; i++) lengths[i] = Shape[i];
        return lengths;
    }

    private static Shape ShapeOf(ReadOnlySpan<nint> lengths)
    {
        var sizes = new int[lengths.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (lengths[i] > int.MaxValue) throw new ShapeException($"A length of {lengths[i]:N0} is more than one tensor holds. Split it.");
            sizes[i] = (int)lengths[i];
        }
        return new Shape(sizes);
    }

    /// <summary>Holds an app's memory in its place while a storage lies there.</summary>
    private sealed unsafe class Pin(MemoryHandle handle)
    {
        private MemoryHandle handle = handle;

        public void* Pointer => handle.Pointer;

        // The storage, which holds this, was forgotten.
        ~Pin() => handle.Dispose();
    }
}
