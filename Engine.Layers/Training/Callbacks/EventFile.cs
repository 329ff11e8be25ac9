using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Engine.Layers;

/// <summary>A file of events as TensorBoard reads it: records of a length, its checksum, an Event message of Protocol Buffers, and its checksum.</summary>
/// <remarks>Source: TensorFlow's documentation of TFRecord, https://www.tensorflow.org/tutorials/load_data/tfrecord, and the field numbers of
/// tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.</remarks>
internal sealed class EventFile : IDisposable
{
    private readonly FileStream stream;

    private EventFile(FileStream stream) => this.stream = stream;

    public static EventFile Create(string folder)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0:F3}.{Environment.MachineName}.{Environment.ProcessId}");
        var file = new EventFile(new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        file.Write(0, e => e.String(3, "brain.Event:2"));           // Event.file_version
        return file;
    }

    /// <summary>What earlier files say of this step and later ones no longer holds.</summary>
    public void Restarted(long step) => Write(step, e => e.Message(7, log => log.Varint(1, 1)));      // Event.session_log, SessionLog.status = START

    /// <summary>A point of each curve.</summary>
    public void Scalars(long step, IEnumerable<KeyValuePair<string, double>> values) => Write(step, e => e.Message(5, summary =>      // Event.summary
    {
        foreach (var (tag, value) in values)
            summary.Message(1, v =>                                 // Summary.value
            {
                v.String(1, tag);
                v.Float(2, (float)value);                           // Value.simple_value
            });
    }));

    public void Dispose() => stream.Dispose();

    private void Write(long step, Action<Fields> what)
    {
        var fields = new Fields();
        fields.Double(1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);     // Event.wall_time
        fields.Varint(2, (ulong)step);                              // Event.step
        what(fields);
        byte[] data = fields.ToArray(), record = new byte[16 + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Checksum(data));
        stream.Write(record);
        stream.Flush();
    }

    /// <summary>CRC-32C (Castagnoli), rotated by 15 bits and moved on by a constant, as the format asks.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    /// <summary>The fields of a message, as Protocol Buffers write them: field·8 + wire type, then the value. Source:
    /// https://protobuf.dev/programming-guides/encoding/.</summary>
    private sealed class Fields
    {
        private readonly MemoryStream bytes = new();

        public byte[] ToArray() => bytes.ToArray();

        public void Varint(int field, ulong value)
        {
            Number((ulong)field << 3);
            Number(value);
        }

        public void Double(int field, double value)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(eight, value);
            Number((ulong)field << 3 | 1);
            bytes.Write(eight);
        }

        public void Float(int field, float value)
        {
            Span<byte> four = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(four, value);
            Number((ulong)field << 3 | 5);
            bytes.Write(four);
        }

        public void String(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Message(int field, Action<Fields> what)
        {
            var inner = new Fields();
            what(inner);
            Bytes(field, inner.ToArray());
        }

        private void Bytes(int field, byte[] value)
        {
            Number((ulong)field << 3 | 2);
            Number((ulong)value.Length);
            bytes.Write(value);
        }

        private void Number(ulong value)
        {
            for (; value > 127; value >>= 7) bytes.WriteByte((byte)(value & 127 | 128));
            bytes.WriteByte((byte)value);
        }
    }
}
