using System.Runtime.InteropServices;
using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A tensor whose numbers are unset, for an op to fill.</summary>
    internal static Tensor Empty(Shape shape, Device device, DType dtype = DType.Float32, string op = "Tensor")
        => new(device.Allocate(dtype, shape.Count, op), 0, shape);

    /// <summary>A tensor of numbers given, row-major.</summary>
    /// <param name="values">As many as the shape has.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <exception cref="ShapeException">The count does not fit the shape.</exception>
    public static Tensor From(ReadOnlySpan<float> values, Shape shape, Device? device = null) => From(values, shape, DType.Float32, device);

    /// <summary>A tensor of integers given, row-major: indices or classes.</summary>
    /// <inheritdoc cref="From(ReadOnlySpan{float}, Shape, Device?)"/>
    public static Tensor From(ReadOnlySpan<int> values, Shape shape, Device? device = null) => From(values, shape, DType.Int32, device);

    /// <summary>A tensor of bytes given, row-major: pixels or flags.</summary>
    /// <inheritdoc cref="From(ReadOnlySpan{float}, Shape, Device?)"/>
    public static Tensor From(ReadOnlySpan<byte> values, Shape shape, Device? device = null) => From(values, shape, DType.UInt8, device);

    /// <summary>A Float32 tensor of doubles given, row-major; only a reference device keeps their full precision.</summary>
    /// <inheritdoc cref="From(ReadOnlySpan{float}, Shape, Device?)"/>
    public static Tensor From(ReadOnlySpan<double> values, Shape shape, Device? device = null)
    {
        RequireCount(values.Length, shape);
        var y = Empty(shape, device ?? Device.Cpu);
        y.Device.Upload(values, y.View);
        return y;
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Scalar(double value, Device? device = null) => From([value], [], device);

    private static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, DType dtype, Device? device) where T : unmanaged
    {
        RequireCount(values.Length, shape);
        var y = Empty(shape, device ?? Device.Cpu, dtype);
        y.Device.Upload(MemoryMarshal.AsBytes(values), y.View);
        return y;
    }

    private static void RequireCount(int count, Shape shape)
    {
        if (count != shape.Count) throw new ShapeException($"{count} numbers do not fill {shape}, which has {shape.Count}.");
    }

    /// <summary>The numbers, row-major; waits for the device.</summary>
    /// <typeparam name="T">float for Float32, int for Int32, byte for UInt8, sbyte for Int8, Half for Float16; or double for Float32, exact
    /// on a reference device.</typeparam>
    /// <exception cref="DTypeException">T is not the type of this tensor's numbers.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        var values = new T[Count];
        CopyTo<T>(values);
        return values;
    }

    /// <summary>The numbers of a Float32 tensor, row-major; waits for the device.</summary>
    public float[] ToArray() => ToArray<float>();

    /// <summary>Copies the numbers out, row-major; waits for the device.</summary>
    /// <inheritdoc cref="ToArray{T}"/>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        RequireCount(destination.Length, Shape);
        if (typeof(T) == typeof(double))
        {
            Device.Download(View, MemoryMarshal.Cast<T, double>(destination));
            return;
        }
        RequireType<T>();
        Device.Download(View, MemoryMarshal.AsBytes(destination));
    }

    internal void RequireType<T>()
    {
        // Not a switch over DType whose arms compare types: .NET 10.0.12 compiles that to a jump to itself in a NativeAOT program.
        DType held = typeof(T) == typeof(float) ? DType.Float32
            : typeof(T) == typeof(int) ? DType.Int32
            : typeof(T) == typeof(byte) ? DType.UInt8
            : typeof(T) == typeof(sbyte) ? DType.Int8
            : typeof(T) == typeof(Half) ? DType.Float16
            : DType.BFloat16;
        bool fits = held == DType && (held != DType.BFloat16 || typeof(T) == typeof(ushort));
        if (!fits) throw new DTypeException($"{Describe()} holds {DType}, which is not {typeof(T).Name}. Cast it, or ask for its own type.");
    }

    /// <summary>The number of a tensor that has just one; waits for the device.</summary>
    /// <exception cref="ShapeException">It has more, or none.</exception>
    public double Item()
    {
        if (Count != 1) throw new ShapeException($"Item() reads a tensor of one number, and {Describe()} has {Count}. Reduce it first, or use ToArray().");
        if (DType == DType.Float32) return ToArray<double>()[0];
        if (DType == DType.Int32) return ToArray<int>()[0];
        if (DType == DType.UInt8) return ToArray<byte>()[0];
        throw new DTypeException($"Item() reads Float32, Int32 and UInt8, and {Describe()} is {DType}. Cast it first.");
    }

    /// <summary>The same numbers on a device: this tensor if it is there already, else a copy, without the graph.</summary>
    public Tensor To(Device device)
    {
        if (device == Device) return this;
        var y = Empty(Shape, device, DType, nameof(To));
        // Between reference devices, and to and from them, as doubles: nothing is rounded on the way.
        bool asDoubles = DType == DType.Float32 && (Device is ReferenceDevice || device is ReferenceDevice);
        const int most = 1 << 22;
        for (int first = 0; first < Count;)
        {
            int count = Math.Min(most, Count - first);
            View from = View.Slice(first, count), to = y.View.Slice(first, count);
            if (asDoubles) Cross(from, to, new double[count]);
            else Cross(from, to, new byte[count * DType.Size()]);
            first += count;
        }
        y.Name = Name;
        return y;
    }

    private static void Cross(View from, View to, double[] numbers)
    {
        from.Device.Download(from, numbers.AsSpan());
        to.Device.Upload(numbers.AsSpan(), to);
    }

    private static void Cross(View from, View to, byte[] bytes)
    {
        from.Device.Download(from, bytes.AsSpan());
        to.Device.Upload(bytes.AsSpan(), to);
    }
}
