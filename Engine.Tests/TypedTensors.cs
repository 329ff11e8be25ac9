using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Tensors of the types that no public method makes from numbers.</summary>
public static class TypedTensors
{
    public static Tensor Make(ReadOnlySpan<double> values, Shape shape, DType dtype, Device device)
    {
        var x = new Tensor(device.Allocate(dtype, shape.Count), 0, shape);
        var bytes = new byte[values.Length * dtype.Size()];
        for (int i = 0; i < values.Length; i++)
        {
            var to = bytes.AsSpan(i * dtype.Size());
            switch (dtype)
            {
                case DType.Float32: BinaryPrimitives.WriteSingleLittleEndian(to, (float)values[i]); break;
                case DType.Int32: BinaryPrimitives.WriteInt32LittleEndian(to, (int)values[i]); break;
                case DType.Float16: BinaryPrimitives.WriteHalfLittleEndian(to, (Half)values[i]); break;
                case DType.BFloat16: BinaryPrimitives.WriteUInt16LittleEndian(to, BFloat16.Bits((float)values[i])); break;
                case DType.Int8: MemoryMarshal.AsBytes(new ReadOnlySpan<sbyte>([(sbyte)values[i]])).CopyTo(to); break;
                default: to[0] = (byte)values[i]; break;
            }
        }
        device.Upload(bytes, new View(x.Storage));
        return x;
    }
}
