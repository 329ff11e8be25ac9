using System.Text.Json;

namespace Engine.Layers;

/// <summary>A token beside those that were learned.</summary>
/// <param name="Content">As texts have it.</param>
/// <param name="Special">Whether it stands for no text. One that does is found in every text, whole.</param>
/// <param name="Normalized">Whether it is found in the text that has been prepared, in lower case say, rather than in the text as it is.</param>
internal readonly record struct AddedToken(string Content, bool Special, bool Normalized);

/// <summary>What a tokenizer.json must say for its words to be BERT's or GPT-2's: others would be read without an error and with wrong ids.</summary>
internal static partial class TokenizerFolder
{
    private const string DecoderName = "added_tokens_decoder", SpecialName = "special", NormalizedName = "normalized", SpacesName = "add_prefix_space";

    // A field and the values that it may have; any where there are none.
    private static readonly Dictionary<string, string[]> ByteWords = new() { ["type"] = [], [SpacesName] = ["false"], ["trim_offsets"] = [], ["use_regex"] = ["true"] };
    private static readonly Dictionary<string, string[]> ByteEnds = new() { ["type"] = [], [SpacesName] = [], ["trim_offsets"] = [], ["use_regex"] = [] };
    private static readonly Dictionary<string, string[]> BytePairs = new()
    {
        ["type"] = [],
        ["vocab"] = [],
        ["merges"] = [],
        ["unk_token"] = [],             // each byte is known
        ["fuse_unk"] = [],
        ["dropout"] = ["null", "0.0"],
        ["continuing_subword_prefix"] = ["null", "\"\""],
        ["end_of_word_suffix"] = ["null", "\"\""],
        ["byte_fallback"] = ["false"],
        ["ignore_merges"] = ["false"],
    };
    private static readonly Dictionary<string, string[]> WordPieces = new()
    {
        ["type"] = [],
        ["vocab"] = [],
        ["unk_token"] = [],
        ["continuing_subword_prefix"] = [$"\"{WordPieceTokenizer.Continuation}\""],
        ["max_input_chars_per_word"] = ["100"],
    };
    private static readonly Dictionary<string, string[]> BertPreparation = new() { ["type"] = [], ["clean_text"] = ["true"], ["handle_chinese_chars"] = [], ["strip_accents"] = [], ["lowercase"] = [] };
    private static readonly Dictionary<string, string[]> BertSplit = new() { ["type"] = [] };
    private static readonly Dictionary<string, string[]> Added = new()
    {
        ["id"] = [],
        ["content"] = [],
        [SpecialName] = [],
        [NormalizedName] = [],
        ["single_word"] = ["false"],
        ["lstrip"] = ["false"],
        ["rstrip"] = ["false"],
    };

    /// <summary>Refuses a folder whose files tell of other words than GPT-2's.</summary>
    public static void RequireGptWords(string folder)
    {
        string config = Path.Combine(folder, ConfigFile), whole = Path.Combine(folder, JsonFile);
        if (File.Exists(config) && Read(config, root => Flag(root, SpacesName, config)) == true)
            throw new DataFormatException(config, 0, $"'{SpacesName}' is true, and must be false: a text begins as it is, as GPT-2's. {Mend}");
        if (File.Exists(whole)) _ = Read(whole, root => RequireGptWords(root, whole));
    }

    private static JsonElement RequireGptWords(JsonElement root, string path)
    {
        var model = Model(root, "BPE", path);
        if (Part(root, "normalizer") is { } normalizer) throw Other(path, "normalizer", normalizer, "null: GPT-2's text is taken as it is");
        const string Kind = "a plain ByteLevel, whose words are GPT-2's";
        if (Part(root, "pre_tokenizer") is not { } words || Name(words, "type") != "ByteLevel") throw Other(path, "pre_tokenizer", Part(root, "pre_tokenizer"), Kind);
        Require(words, "pre_tokenizer", ByteWords, path);
        if (Part(root, "post_processor") is { } ends)
        {
            if (Name(ends, "type") != "ByteLevel") throw Other(path, "post_processor", ends, "null or ByteLevel: nothing is put around GPT-2's texts");
            Require(ends, "post_processor", ByteEnds, path);
        }
        Require(model, "model", BytePairs, path);
        return model;
    }

    /// <summary>What tokenizer.json says of word pieces.</summary>
    private static WordPieceOptions PieceOptions(JsonElement root, string path)
    {
        var model = Model(root, "WordPiece", path);
        if (Part(root, "pre_tokenizer") is not { } words || Name(words, "type") != "BertPreTokenizer")
            throw Other(path, "pre_tokenizer", Part(root, "pre_tokenizer"), "BertPreTokenizer, whose words are BERT's");
        Require(words, "pre_tokenizer", BertSplit, path);
        Require(model, "model", WordPieces, path);
        var usual = new WordPieceOptions { Unknown = Name(model, "unk_token") ?? new WordPieceOptions().Unknown };
        if (Part(root, "normalizer") is not { } normalizer) return usual with { LowerCase = false, StripAccents = false, SplitChinese = false };
        if (Name(normalizer, "type") != "BertNormalizer") throw Other(path, "normalizer", normalizer, "BertNormalizer, or null where text is taken as it is");
        Require(normalizer, "normalizer", BertPreparation, path);
        return usual with
        {
            LowerCase = Flag(normalizer, "lowercase", path) ?? usual.LowerCase,
            StripAccents = Flag(normalizer, "strip_accents", path),
            SplitChinese = Flag(normalizer, "handle_chinese_chars", path) ?? usual.SplitChinese,
        };
    }

    /// <summary>The tokens of tokenizer_config.json that were added and are text.</summary>
    public static AddedToken[] AddedText(string folder)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) return [];
        return Read(path, root => root.TryGetProperty(DecoderName, out var added) && added.ValueKind == JsonValueKind.Object
            ? added.EnumerateObject().Select(one => one.Value).Where(one => one.ValueKind == JsonValueKind.Object && Flag(one, SpecialName, path) == false).Select(one => ReadAdded(one, DecoderName, path)).ToArray() : []);
    }

    private static AddedToken ReadAdded(JsonElement token, string where, string path)
    {
        string content = Child(token, "content", JsonValueKind.String, path, where).GetString()!;
        Require(token, $"{where} '{content}'", Added, path);
        return new AddedToken(content, Flag(token, SpecialName, path) ?? true, Flag(token, NormalizedName, path) ?? false);
    }

    private static void WriteAdded(Utf8JsonWriter json, IEnumerable<(int Id, string Content)> added)
    {
        json.WriteStartObject(DecoderName);
        foreach (var (id, content) in added)
        {
            json.WriteStartObject($"{id}");
            json.WriteString("content", content);
            foreach (string no in new[] { "lstrip", NormalizedName, "rstrip", "single_word", SpecialName }) json.WriteBoolean(no, false);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static JsonElement Model(JsonElement root, string type, string path)
    {
        var model = Child(root, "model", JsonValueKind.Object, path, "the file");
        return ModelType(model, path) is var found && found == type ? model : throw new DataFormatException(path, 0, $"the model is '{found}', and must be '{type}' here.");
    }

    private static JsonElement? Part(JsonElement root, string name) => root.TryGetProperty(name, out var part) && part.ValueKind != JsonValueKind.Null ? part : null;

    private static void Require(JsonElement part, string where, Dictionary<string, string[]> known, string path)
    {
        foreach (var field in part.EnumerateObject())
        {
            if (!known.TryGetValue(field.Name, out string[]? values)) throw new DataFormatException(path, 0, $"{where} has '{field.Name}', which is not known here. {Mend}");
            if (values.Length > 0 && !values.Contains(field.Value.GetRawText()))
                throw new DataFormatException(path, 0, $"'{field.Name}' of {where} is {Words(field.Value)}, and must be {string.Join(" or ", values)}. {Mend}");
        }
    }

    private const string Mend = "The tokenizers of BERT and of GPT-2 are read here, and others are not: take such a one's folder.";

    private static DataFormatException Other(string path, string name, JsonElement? found, string needed)
        => new(path, 0, $"'{name}' is {(found is { } part ? part.ValueKind == JsonValueKind.Object && Name(part, "type") is { } type ? $"'{type}'" : Words(part) : "null")}, and must be {needed}. {Mend}");

    private static string Words(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? $"{text[..60]}…" : value.GetRawText();
}
