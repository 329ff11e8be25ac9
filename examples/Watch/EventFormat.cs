using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Engine.Examples;

/// <summary>TensorBoard's records: a length, its checksum, an Event message of Protocol Buffers, and its checksum. Numbers under "step/" and "epoch/"
/// become lines of that kind, others lines of steps under their own name.</summary>
/// <remarks>Source: https://www.tensorflow.org/tutorials/load_data/tfrecord, and the field numbers of tensorflow/core/util/event.proto and
/// tensorflow/core/framework/summary.proto.</remarks>
internal sealed class EventFormat : ILogFormat
{
    private const int Before = 12, After = 4;

    public (long Consumed, int Skipped) Parse(ReadOnlySpan<byte> bytes, long rest, List<string> lines)
    {
        int at = 0, skipped = 0;
        while (bytes.Length - at >= Before)
        {
            var record = bytes[at..];
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(record);
            if (!HasChecksum(record[..8], record[8..]) || length > long.MaxValue / 2) return (rest, skipped + 1);   // no telling where the next begins
            long end = at + Before + (long)length + After;
            if (end > rest) break;
            if (end > bytes.Length) return at > 0 ? (at, skipped) : bytes.Length < LogReader.PartLength ? (0, 0) : (end, 0);     // a part long: an image or the like
            var data = record.Slice(Before, (int)length);
            if (!HasChecksum(data, record[(Before + (int)length)..]) || !Add(data, lines)) skipped++;
            at = (int)end;
        }
        return (at, skipped);
    }

    /// <summary>CRC-32C, rotated by 15 bits and moved on by a constant.</summary>
    private static bool HasChecksum(ReadOnlySpan<byte> data, ReadOnlySpan<byte> checksum)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return BinaryPrimitives.ReadUInt32LittleEndian(checksum) == BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    private static bool Add(ReadOnlySpan<byte> data, List<string> lines)
    {
        double time = 0;
        long step = 0;
        bool starts = false;
        var values = new List<(string Tag, float Value)>();
        var fields = new ProtoFields(data);
        while (fields.Next())
        {
            if (fields.Number == 1) time = BitConverter.Int64BitsToDouble((long)fields.Value);      // Event.wall_time
            else if (fields.Number == 2) step = (long)fields.Value;                                 // Event.step
            else if (fields.Number == 5) ReadSummary(fields.Bytes, values);                         // Event.summary
            else if (fields.Number == 7)                                                            // Event.session_log: status = START
            {
                var log = new ProtoFields(fields.Bytes);
                starts |= log.Next() && log is { Number: 1, Value: 1 };
            }
        }
        if (fields.IsBroken) return false;
        if (starts) lines.Add(Line("begin", time, step - 1, []));
        foreach (var kind in values.GroupBy(v => v.Tag.StartsWith("epoch/", StringComparison.Ordinal) ? "epoch" : "step"))
            lines.Add(Line(kind.Key, time, step, kind.Select(v => (v.Tag.StartsWith($"{kind.Key}/", StringComparison.Ordinal) ? v.Tag[(kind.Key.Length + 1)..] : v.Tag, v.Value))));
        return true;
    }

    private static void ReadSummary(ReadOnlySpan<byte> summary, List<(string, float)> values)
    {
        var fields = new ProtoFields(summary);
        while (fields.Next())
        {
            if (fields.Number != 1) continue;                       // Summary.value
            string tag = "";
            float? simple = null;
            var value = new ProtoFields(fields.Bytes);
            while (value.Next())
            {
                if (value.Number == 1) tag = Encoding.UTF8.GetString(value.Bytes);                  // Value.tag
                else if (value.Number == 2) simple = BitConverter.UInt32BitsToSingle((uint)value.Value);        // Value.simple_value
            }
            if (simple is { } number && tag.Length > 0) values.Add((tag, number));
        }
    }

    private static string Line(string kind, double time, long step, IEnumerable<(string Name, float Value)> values)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteNumber("time", double.IsFinite(time) ? time : 0);
            json.WriteNumber("step", step);
            foreach (var (name, value) in values.DistinctBy(v => v.Name))
            {
                if (float.IsFinite(value)) json.WriteNumber(name, value);
                else json.WriteNull(name);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
