using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Numbers in ordinary memory on their way into a tensor. Its memory serves one batch after another.</summary>
public sealed class HostTensor
{
    private float[] floats = [];
    private int[] ints = [];

    /// <summary>Float32 or Int32.</summary>
    public DType DType { get; private set; }

    /// <summary>The sizes.</summary>
    public Shape Shape { get; private set; } = [0];

    /// <summary>Room for Float32 numbers, row-major; they are unset, so write every one.</summary>
    public Span<float> SetFloats(Shape shape)
    {
        if (floats.Length < shape.Count) floats = new float[shape.Count];
        (DType, Shape) = (DType.Float32, shape);
        return floats.AsSpan(0, shape.Count);
    }

    /// <summary>Room for Int32 numbers, row-major; they are unset, so write every one.</summary>
    public Span<int> SetInts(Shape shape)
    {
        if (ints.Length < shape.Count) ints = new int[shape.Count];
        (DType, Shape) = (DType.Int32, shape);
        return ints.AsSpan(0, shape.Count);
    }

    /// <summary>The numbers written, row-major.</summary>
    /// <exception cref="DTypeException">They are Int32.</exception>
    public Span<float> Floats => DType == DType.Float32 ? floats.AsSpan(0, Shape.Count) : throw new DTypeException($"These numbers, {Shape}, are Int32. Read Ints.");

    /// <summary>The numbers written, row-major.</summary>
    /// <exception cref="DTypeException">They are Float32.</exception>
    public Span<int> Ints => DType == DType.Int32 ? ints.AsSpan(0, Shape.Count) : throw new DTypeException($"These numbers, {Shape}, are Float32. Read Floats.");

    internal Tensor ToTensor(Device device) => DType == DType.Int32 ? Tensor.From(Ints, Shape, device) : Tensor.From(Floats, Shape, device);
}
