using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Kernels;

/// <summary>Defines what every kernel means: plain loops in double precision, the formula above each. The oracle of the tests, and what to
/// read first. Every number, of whatever <see cref="DType"/>, is held as a double.</summary>
public sealed partial class ReferenceDevice : Device
{
    /// <summary>A reference device with memory of its own.</summary>
    public ReferenceDevice() : base("reference", bytes => new ManagedBlock(bytes)) { }

    /// <inheritdoc/>
    public override string Description => "plain loops in double precision";

    private sealed class ManagedBlock(long bytes) : Block(bytes)
    {
        public readonly double[] Data = new double[bytes / sizeof(double)];

        public override void Free() { }
    }

    /// <summary>The numbers of a view.</summary>
    private static Span<double> Values(View view) => ((ManagedBlock)view.Storage.Block).Data.AsSpan((int)(view.Storage.Offset / sizeof(double)) + view.Offset, view.Length);

    internal override Span<T> HostSpan<T>(View view)
        => typeof(T) == typeof(double) ? MemoryMarshal.Cast<double, T>(Values(view))
            : throw new DTypeException($"The reference device holds every number as a double, not as {typeof(T).Name}.");

    internal override long BlockBytes(DType dtype, int length) => (long)length * sizeof(double);

    private protected override void UploadCore(ReadOnlySpan<double> source, View destination) => source.CopyTo(Values(destination));

    private protected override void DownloadCore(View source, Span<double> destination) => Values(source).CopyTo(destination);

    private protected override void UploadCore(ReadOnlySpan<byte> source, View destination)
    {
        var y = Values(destination);
        int size = destination.DType.Size();
        for (int i = 0; i < y.Length; i++)
        {
            var bytes = source.Slice(i * size, size);
            y[i] = destination.DType switch
            {
                DType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
                DType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                DType.UInt8 => bytes[0],
                DType.Int8 => (sbyte)bytes[0],
                DType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
            };
        }
    }

    private protected override void DownloadCore(View source, Span<byte> destination)
    {
        var x = Values(source);
        int size = source.DType.Size();
        for (int i = 0; i < x.Length; i++)
        {
            var bytes = destination.Slice(i * size, size);
            switch (source.DType)
            {
                case DType.Float32: BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)x[i]); break;
                case DType.Int32: BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)x[i]); break;
                case DType.UInt8: bytes[0] = (byte)x[i]; break;
                case DType.Int8: bytes[0] = (byte)(sbyte)x[i]; break;
                case DType.Float16: BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)x[i]); break;
                default: BinaryPrimitives.WriteUInt16LittleEndian(bytes, BFloat16.Bits((float)x[i])); break;
            }
        }
    }
}
