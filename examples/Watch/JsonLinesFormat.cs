using System.Text;
using System.Text.Json;

namespace Engine.Examples;

/// <summary>Lines of JSON. A last line without its end is left for the next time.</summary>
internal sealed class JsonLinesFormat : ILogFormat
{
    public (long Consumed, int Skipped) Parse(ReadOnlySpan<byte> bytes, long rest, List<string> lines)
    {
        int consumed = 0, skipped = 0;
        for (int end; (end = bytes[consumed..].IndexOf((byte)'\n')) >= 0; consumed += end + 1)
        {
            var line = bytes.Slice(consumed, end).Trim("\r \t"u8);
            if (line.IsEmpty) continue;
            if (IsObject(line)) lines.Add(Encoding.UTF8.GetString(line));
            else skipped++;
        }
        return consumed == 0 && bytes.Length == LogReader.PartLength ? (bytes.Length, 1) : (consumed, skipped);   // no line is so long
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        try
        {
            using var document = JsonDocument.ParseValue(ref json);
            return document.RootElement.ValueKind == JsonValueKind.Object && json.BytesConsumed == line.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
