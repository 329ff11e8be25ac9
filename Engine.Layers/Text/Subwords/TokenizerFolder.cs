using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Layers;

/// <summary>The files of a tokenizer in Hugging Face's form. What is in them is data: nothing of it is run.</summary>
internal static partial class TokenizerFolder
{
    public const string PieceFile = "vocab.txt", VocabularyFile = "vocab.json", MergesFile = "merges.txt", JsonFile = "tokenizer.json", ConfigFile = "tokenizer_config.json";

    private const int MostBytes = 64 << 20;

    private const string AdditionalName = "additional_special_tokens";

    /// <summary>The tokens of a file, a line each.</summary>
    public static string[] ReadLines(string path)
    {
        var tokens = new List<string>();
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in Lines(path))
        {
            if (line.Text.Length == 0) throw line.Error("the token is empty. A vocabulary has one on each line.");
            if (!seen.TryAdd(line.Text, line.Number)) throw line.Error($"the token '{line.Text}' came before, in line {seen[line.Text]}. Each comes once.");
            tokens.Add(line.Text);
        }
        return [.. tokens];
    }

    /// <summary>The tokens of vocab.json: an object of tokens and their ids.</summary>
    public static string[] ReadVocabulary(string path) => Read(path, root => InOrder(Ids(root, path), path));

    /// <summary>The pairs of merges.txt, first things first.</summary>
    public static (string Left, string Right)[] ReadMerges(string path)
    {
        var merges = new List<(string, string)>();
        foreach (var line in Lines(path))
            if (line.Text.Length > 0 && !(line.Number == 1 && line.Text.StartsWith("#version", StringComparison.Ordinal)))
                merges.Add(Pair(line.Text) ?? throw line.Error($"'{line.Text}' is not two tokens with a space between, which a line of merges is."));
        return [.. merges];
    }

    /// <summary>What kind of model tokenizer.json has.</summary>
    public static string ModelType(string folder)
    {
        string path = Path.Combine(folder, JsonFile);
        if (!File.Exists(path)) throw new FileNotFoundException($"{folder} has no {PieceFile}, no {VocabularyFile} and no {JsonFile}: there is no tokenizer in it.", path);
        return Read(path, root => ModelType(Child(root, "model", JsonValueKind.Object, path, "the file"), path));
    }

    /// <summary>tokenizer.json's tokens, the pairs of its merges, and which of its tokens were added.</summary>
    public static (string[] Tokens, (string, string)[] Merges, AddedToken[] Added) ReadJson(string folder, string type)
    {
        string path = Path.Combine(folder, JsonFile);
        if (!File.Exists(path)) throw new FileNotFoundException($"{folder} has no {JsonFile}, nor the files that stand for it.", path);
        return Read(path, root => ReadJson(root, type, path));
    }

    private static (string[], (string, string)[], AddedToken[]) ReadJson(JsonElement root, string type, string path)
    {
        var model = Model(root, type, path);
        var ids = Ids(Child(model, "vocab", JsonValueKind.Object, path, "model"), path);
        var more = new List<AddedToken>();
        if (root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array)
            foreach (var token in added.EnumerateArray())
            {
                var read = ReadAdded(token, "added_tokens", path);
                ids[read.Content] = Id(Child(token, "id", JsonValueKind.Number, path, "added_tokens"), read.Content, path);
                more.Add(read);
            }
        return (InOrder(ids, path), type == "BPE" ? [.. Merges(model, path)] : [], [.. more]);
    }

    /// <summary>What a folder tells of how text is prepared for word pieces.</summary>
    public static WordPieceOptions PieceOptions(string folder)
    {
        string config = Path.Combine(folder, ConfigFile), whole = Path.Combine(folder, JsonFile);
        bool lines = File.Exists(Path.Combine(folder, PieceFile)), configured = File.Exists(config);
        var usual = File.Exists(whole) && !(lines && configured) ? Read(whole, root => PieceOptions(root, whole)) : new();
        return !configured ? usual : Read(config, root => usual with
        {
            LowerCase = Flag(root, "do_lower_case", config) ?? usual.LowerCase,
            StripAccents = Flag(root, "strip_accents", config) ?? usual.StripAccents,
            SplitChinese = Flag(root, "tokenize_chinese_chars", config) ?? usual.SplitChinese,
            Unknown = (lines ? Name(root, "unk_token") : null) ?? usual.Unknown,        // a model's own name for it goes first
            Padding = Name(root, "pad_token") ?? usual.Padding,
            Start = Name(root, "cls_token") ?? usual.Start,
            Separator = Name(root, "sep_token") ?? usual.Separator,
            Mask = Name(root, "mask_token") ?? usual.Mask,
        });
    }

    /// <summary>The special tokens that tokenizer_config.json names besides the usual ones.</summary>
    public static string[] AdditionalSpecial(string folder)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) return [];
        return Read(path, root => root.TryGetProperty(AdditionalName, out var names) && names.ValueKind == JsonValueKind.Array ? names.EnumerateArray().Select(Content).OfType<string>().ToArray() : []);
    }

    /// <summary>Writes tokenizer_config.json, whole or not at all.</summary>
    /// <param name="folder">The folder; a link of that name in it is replaced.</param>
    /// <param name="type">Hugging Face's name of the tokenizer.</param>
    /// <param name="special">Special tokens besides the usual ones.</param>
    /// <param name="added">Added tokens that are not special.</param>
    /// <param name="rest">Writes more members.</param>
    public static void WriteConfig(string folder, string type, IEnumerable<string> special, IEnumerable<(int Id, string Content)> added, Action<Utf8JsonWriter> rest) => WriteJson(Path.Combine(folder, ConfigFile), json =>
    {
        json.WriteString("tokenizer_class", type);
        rest(json);
        json.WriteStartArray(AdditionalName);
        foreach (string token in special) json.WriteStringValue(token);
        json.WriteEndArray();
        WriteAdded(json, added);
    }, replaceLink: true);

    /// <summary>Writes a file with one object in it, whole or not at all.</summary>
    public static void WriteJson(string path, Action<Utf8JsonWriter> members, bool replaceLink) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }, replaceLink);

    private static string ModelType(JsonElement model, string path) => model.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()!
        : model.TryGetProperty("merges", out _) ? "BPE" : throw new DataFormatException(path, 0, "the model has no 'type'. WordPiece and BPE are known here.");

    private static IEnumerable<(string, string)> Merges(JsonElement model, string path)
    {
        int number = 0;
        foreach (var merge in Child(model, "merges", JsonValueKind.Array, path, "model").EnumerateArray())
        {
            yield return (merge.ValueKind == JsonValueKind.String ? Pair(merge.GetString()!)
                : merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && Content(merge[0]) is { } left && Content(merge[1]) is { } right ? (left, right) : null)
                ?? throw new DataFormatException(path, 0, $"merge {number} is {merge.GetRawText()}, and must be two tokens.");
            number++;
        }
    }

    private static (string, string)? Pair(string line)
    {
        int space = line.IndexOf(' ');
        return space > 0 && space + 1 < line.Length && line.IndexOf(' ', space + 1) < 0 ? (line[..space], line[(space + 1)..]) : null;
    }

    private static Dictionary<string, int> Ids(JsonElement vocabulary, string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in vocabulary.EnumerateObject())
            if (!ids.TryAdd(token.Name, Id(token.Value, token.Name, path))) throw new DataFormatException(path, 0, $"the token '{token.Name}' comes twice. Each has one id.");
        return ids;
    }

    private static int Id(JsonElement value, string token, string path) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0 ? id
        : throw new DataFormatException(path, 0, $"the id of '{token}' is {value.GetRawText()}, and must be a whole number from 0 on.");

    private static string[] InOrder(Dictionary<string, int> ids, string path)
    {
        string[] tokens = new string[ids.Count];
        foreach (var (token, id) in ids)
        {
            if (id >= tokens.Length) throw new DataFormatException(path, 0, $"'{token}' has the id {id}, and there are {ids.Count} tokens. Ids go from 0 on, none left out.");
            if (tokens[id] is { } other) throw new DataFormatException(path, 0, $"'{other}' and '{token}' both have the id {id}. Each token has its own.");
            tokens[id] = token;
        }
        int empty = Array.FindIndex(tokens, token => token.Length == 0);
        return empty < 0 ? tokens : throw new DataFormatException(path, 0, $"the token of id {empty} is empty.");
    }

    private static bool? Flag(JsonElement of, string name, string path)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new DataFormatException(path, 0, $"'{name}' is {value.GetRawText()}, and must be true or false.");
    }

    private static string? Name(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? Content(value) : null;

    // A token is its name alone, or an object with it as its content.
    private static string? Content(JsonElement token) => token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString() : null;

    private static JsonElement Child(JsonElement of, string name, JsonValueKind kind, string path, string where)
        => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var child) && child.ValueKind == kind ? child
        : throw new DataFormatException(path, 0, $"{where} has no '{name}' that is {(kind == JsonValueKind.Array ? "an array" : kind == JsonValueKind.Object ? "an object" : $"a {kind}")}. Is it a tokenizer's file?");

    private static T Read<T>(string path, Func<JsonElement, T> read) => read(Layers.JsonFile.Read(path, (problem, inner) => inner is JsonException { LineNumber: { } line } e
        ? new DataFormatException(path, e.BytePositionInLine ?? 0, line + 1, problem, inner)
        : new DataFormatException(path, 0, problem, inner)));

    private static IEnumerable<TextLine> Lines(string path)
    {
        if (FileSize.Of(path) == 0) throw new DataFormatException(path, 0, "it is empty.");
        foreach (var line in new LineFiles([path]).Read(new(0), default))
            yield return line.Offset <= MostBytes ? line : throw line.Error($"over {MostBytes:N0} bytes come before it. It is not the file that its name says.");
    }
}
