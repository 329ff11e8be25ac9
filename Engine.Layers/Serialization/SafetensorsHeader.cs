using System.Text.Json;

namespace Engine.Layers;

/// <summary>Reads a safetensors header, and believes nothing in it before it has been checked against the file's size.</summary>
/// <remarks>The format: 8 bytes, the header's length, little-endian; the header, a JSON object
/// <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"key": "value"}}</c>, which spaces may end; then the
/// tensors' bytes, one after another without holes. Source: https://github.com/huggingface/safetensors#format.</remarks>
internal ref struct SafetensorsHeader
{
    /// <summary>The format's own bound, against headers that are an attack.</summary>
    public const int MostBytes = 100_000_000;

    private const int MostAxes = 64;
    private const string Metadata = "__metadata__";
    private readonly string file;
    private readonly long dataLength;
    private Utf8JsonReader reader;

    public readonly Dictionary<string, SafetensorsEntry> Entries = [];
    public readonly Dictionary<string, string> Texts = [];

    /// <param name="file">Named by the errors.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes that follow the header in the file.</param>
    public SafetensorsHeader(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        (this.file, this.dataLength) = (file, dataLength);
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        if (json.IsEmpty || json[0] != '{') throw Bad("the header does not begin with '{'. It is not a safetensors file.");
        try
        {
            Parse();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad($"the header is not the JSON that the format asks for: {e.Message}", null, e);
        }
        CheckTiling();
    }

    private void Parse()
    {
        Next(JsonTokenType.StartObject, "an object");
        bool metadataSeen = false;
        while (NextName() is { } name)
        {
            if (name == Metadata)
            {
                if (metadataSeen) throw Bad($"{Metadata} is there twice.");
                metadataSeen = true;
                ParseMetadata();
            }
            else if (!Entries.TryAdd(name, ParseEntry(name)))
            {
                throw Bad("two tensors have this name.", name);
            }
        }
        if (reader.Read()) throw Bad("something follows the header's object.");
    }

    private void ParseMetadata()
    {
        Next(JsonTokenType.StartObject, $"{Metadata} as an object of texts");
        while (NextName() is { } key)
        {
            Next(JsonTokenType.String, $"{Metadata}.{key} as a text");
            if (!Texts.TryAdd(key, reader.GetString()!)) throw Bad($"{Metadata} has '{key}' twice.");
        }
    }

    private SafetensorsEntry ParseEntry(string name)
    {
        string? type = null;
        List<long>? sizes = null, offsets = null;
        Next(JsonTokenType.StartObject, "an object with dtype, shape and data_offsets", name);
        while (NextName() is { } field)
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Next(JsonTokenType.String, "dtype as a text", name);
                    type = reader.GetString();
                    break;
                case "shape" when sizes is null:
                    sizes = ParseNumbers("shape", name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ParseNumbers("data_offsets", name);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Bad($"{field} is there twice.", name);
                default:
                    reader.Skip();                                  // a later version's field
                    break;
            }
        }
        if (type is null || sizes is null || offsets is null) throw Bad("it lacks dtype, shape or data_offsets.", name);
        if (offsets.Count != 2) throw Bad($"data_offsets has {offsets.Count} numbers, and the format asks for a begin and an end.", name);
        var entry = new SafetensorsEntry(name, type, sizes, offsets[0], offsets[1]);
        CheckSizes(entry);
        return entry;
    }

    private List<long> ParseNumbers(string field, string name)
    {
        Next(JsonTokenType.StartArray, $"{field} as a list of whole numbers", name);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number) throw Bad($"{field} holds something that is no number.", name);
            if (!reader.TryGetInt64(out long number) || number < 0)
                throw Bad($"{field} holds a number that is negative, a fraction, or over 2⁶³ − 1.", name);
            if (numbers.Count == MostAxes) throw Bad($"{field} holds more than {MostAxes} numbers.", name);
            numbers.Add(number);
        }
        return numbers;
    }

    private readonly void CheckSizes(SafetensorsEntry entry)
    {
        int bits = SafetensorsEntry.Bits(entry.Type);
        if (bits == 0) throw Bad($"the format has no dtype '{Shorten(entry.Type)}'.", entry.Name);
        if (entry.Begin > entry.End) throw Bad($"data_offsets begin at {entry.Begin}, after their end {entry.End}.", entry.Name);
        if (entry.End > dataLength)
            throw Bad($"data_offsets end at {entry.End}, and the file has {dataLength} bytes of data. It was cut short; get it again.", entry.Name);
        UInt128 needed = (UInt128)bits;
        bool empty = false;
        foreach (long size in entry.Sizes)
        {
            empty |= size == 0;
            if (needed <= ulong.MaxValue) needed *= (UInt128)size;  // further on it is too large whatever follows, unless a size is 0
        }
        if (empty) needed = 0;
        if (needed != (UInt128)(entry.End - entry.Begin) * 8)
            throw Bad($"the shape {entry.Shape} of {entry.Type} does not take the {entry.End - entry.Begin} bytes that data_offsets give.", entry.Name);
    }

    /// <summary>Each byte of the data belongs to one tensor.</summary>
    private readonly void CheckTiling()
    {
        long end = 0;
        foreach (var entry in Entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin < end) throw Bad($"its bytes from {entry.Begin} overlap those of another tensor, which end at {end}.", entry.Name);
            if (entry.Begin > end) throw Bad($"bytes {end} to {entry.Begin} before it belong to no tensor.", entry.Name);
            end = entry.End;
        }
        if (end != dataLength) throw Bad($"the tensors end at {end}, and the file has {dataLength} bytes of data. It was cut short or written to twice; get it again.");
    }

    private void Next(JsonTokenType type, string expected, string? tensor = null)
    {
        if (!reader.Read() || reader.TokenType != type) throw Bad($"the header has {reader.TokenType} where the format asks for {expected}.", tensor);
    }

    /// <summary>The next property's name; null at the end of the object.</summary>
    private string? NextName() => reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private readonly SafetensorsException Bad(string problem, string? tensor = null, Exception? inner = null)
        => new(file, 8 + reader.TokenStartIndex, problem, tensor is null ? null : Shorten(tensor), inner);

    private static string Shorten(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "…");
}
