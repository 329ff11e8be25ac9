using System.Buffers.Binary;
using System.Text;

namespace Engine.Tests.Layers.Training;

/// <summary>Reads event files by the format's description alone: it shares no code with what writes them.</summary>
internal static class EventReader
{
    internal sealed record Event(double WallTime, long Step, string? FileVersion, Dictionary<string, float> Values);

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        uint c = (uint)i;
        for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? c >> 1 ^ 0x82F63B78 : c >> 1;
        return c;
    })];

    public static List<Event> Read(string path)
    {
        var events = new List<Event>();
        var rest = File.ReadAllBytes(path).AsSpan();
        while (rest.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]), Is.EqualTo(Masked(rest[..8])), "checksum of a length");
            var data = rest.Slice(12, length);
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]), Is.EqualTo(Masked(data)), "checksum of a record");
            events.Add(Parse(data));
            rest = rest[(16 + length)..];
        }
        return events;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in data) crc = Table[(crc ^ b) & 255] ^ crc >> 8;
        crc = ~crc;
        return (crc >> 15 | crc << 17) + 0xA282EAD8;
    }

    private static Event Parse(ReadOnlySpan<byte> data)
    {
        var e = new Event(0, 0, null, []);
        while (data.Length > 0)
        {
            var (field, value, bytes) = Field(ref data);
            if (field == 1) e = e with { WallTime = BitConverter.UInt64BitsToDouble(value) };
            else if (field == 2) e = e with { Step = (long)value };
            else if (field == 3) e = e with { FileVersion = Encoding.UTF8.GetString(bytes) };
            else if (field == 5)
                while (bytes.Length > 0)
                {
                    var (_, _, item) = Field(ref bytes);
                    string tag = "";
                    while (item.Length > 0)
                    {
                        var (part, number, text) = Field(ref item);
                        if (part == 1) tag = Encoding.UTF8.GetString(text);
                        else if (part == 2) e.Values[tag] = BitConverter.UInt32BitsToSingle((uint)number);
                    }
                }
        }
        return e;
    }

    private readonly ref struct Part(int field, ulong value, ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public void Deconstruct(out int number, out ulong scalar, out ReadOnlySpan<byte> data)
        {
            number = field;
            scalar = value;
            data = bytes;
        }
    }

    private static Part Field(ref ReadOnlySpan<byte> data)
    {
        ulong key = Varint(ref data), value = 0;
        ReadOnlySpan<byte> bytes = default;
        switch (key & 7)
        {
            case 0: value = Varint(ref data); break;
            case 1: value = BinaryPrimitives.ReadUInt64LittleEndian(data); data = data[8..]; break;
            case 2:
                int length = (int)Varint(ref data);
                bytes = data[..length];
                data = data[length..];
                break;
            case 5: value = BinaryPrimitives.ReadUInt32LittleEndian(data); data = data[4..]; break;
            default: throw new InvalidDataException($"wire type {key & 7}");
        }
        return new Part((int)(key >> 3), value, bytes);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = data[0];
            data = data[1..];
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }
    }
}
