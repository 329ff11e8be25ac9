using System.Text.Json;
using System.Text.Unicode;

namespace Engine.Layers;

/// <summary>A JSON file with an object in it, of a folder that may come from anywhere.</summary>
internal static class JsonFile
{
    private const int MostBytes = 64 << 20;

    /// <summary>The object. Every name and text in it is Unicode, so that none throws when it is taken.</summary>
    /// <param name="path">The file. It is read as it is, and never unpacked.</param>
    /// <param name="error">The exception of a problem, and of what caused it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static JsonElement Read(string path, Func<string, Exception?, Exception> error)
    {
        long length = FileSize.Of(path) ?? throw new FileNotFoundException($"There is no file {path}.", path);
        if (length == 0) throw error("it is empty.", null);
        if (length > MostBytes) throw error($"it has {length:N0} bytes, and {MostBytes:N0} are read at most. It is not the file that its name says.", null);
        var bytes = File.ReadAllBytes(path).AsMemory();
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (!Utf8.IsValid(bytes.Span)) throw error("it is not JSON: its bytes are not UTF-8. If it is compressed, unpack it.", null);
        try
        {
            TakeTexts(bytes.Span);
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : throw error($"the file is no object: it holds a JSON {json.RootElement.ValueKind}.", null);
        }
        catch (JsonException e)
        {
            throw error($"it is not JSON: {e.Message}", e);
        }
    }

    /// <summary>Takes each text with an escape in it, half of a character's pair say, <c>"\ud800"</c>.</summary>
    /// <exception cref="JsonException">One is not Unicode, or it is no JSON.</exception>
    private static void TakeTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped) continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException($"a text that begins at byte {reader.TokenStartIndex} is not Unicode: {e.Message}", e);
            }
        }
    }
}
