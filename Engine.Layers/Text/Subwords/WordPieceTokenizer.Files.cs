namespace Engine.Layers;

public sealed partial class WordPieceTokenizer
{
    /// <summary>The tokenizer of a vocab.txt, a token a line.</summary>
    /// <param name="path">The file, .gz or plain.</param>
    /// <param name="options">How text is prepared; as for an uncased BERT unless given. A cased one's has LowerCase false.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">A line is empty or a token that came before, or a special token is missing.</exception>
    public static WordPieceTokenizer FromVocabulary(string path, WordPieceOptions? options = null) => Of(TokenizerFolder.ReadLines(path), options ?? new(), [], [], path);

    /// <summary>The tokenizer in a folder of Hugging Face's form: vocab.txt, or else tokenizer.json's vocabulary; tokenizer_config.json tells about lower case and accents where there is
    /// one, and tokenizer.json's normalizer where there is none. A tokenizer.json with other words than BERT's is refused.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">A file is not what it should be; the error names it.</exception>
    public static new WordPieceTokenizer FromPretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string lines = Path.Combine(folder, TokenizerFolder.PieceFile);
        var options = TokenizerFolder.PieceOptions(folder);
        if (File.Exists(lines)) return Of(TokenizerFolder.ReadLines(lines), options, TokenizerFolder.AdditionalSpecial(folder), TokenizerFolder.AddedText(folder), lines);
        var (tokens, _, added) = TokenizerFolder.ReadJson(folder, "WordPiece");
        return Of(tokens, options, added.Where(token => token.Special).Select(token => token.Content), added.Where(token => !token.Special), Path.Combine(folder, TokenizerFolder.JsonFile));
    }

    /// <summary>Writes vocab.txt, a token a line, whole or not at all.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="ArgumentException">A token is not Unicode: half of a character's pair.</exception>
    public void SaveVocabulary(string path) => SaveVocabulary(path, replaceLink: false);

    private void SaveVocabulary(string path, bool replaceLink)
    {
        byte[] lines = Strict.Utf8.GetBytes(string.Concat(Tokens.Select(token => token + "\n")));
        AtomicFile.Write(path, stream => stream.Write(lines), replaceLink);
    }

    /// <summary>Writes a folder that <see cref="FromPretrained"/> and Hugging Face's BertTokenizer read: vocab.txt and tokenizer_config.json, each whole or not at all.</summary>
    /// <param name="folder">Made if it is not there. Links in it, as in a cache, are replaced, and what they lead to stays as it is.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="ArgumentException">A token is not Unicode: half of a character's pair.</exception>
    public override void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        SaveVocabulary(Path.Combine(folder, TokenizerFolder.PieceFile), replaceLink: true);
        TokenizerFolder.WriteConfig(folder, "BertTokenizer", Special.Select(id => this[id]).Except(Options.Special), Added.Select(id => (id, this[id])), json =>
        {
            json.WriteBoolean("do_lower_case", Options.LowerCase);
            if (Options.StripAccents is { } strip) json.WriteBoolean("strip_accents", strip);
            else json.WriteNull("strip_accents");
            json.WriteBoolean("tokenize_chinese_chars", Options.SplitChinese);
            json.WriteString("unk_token", Options.Unknown);
            json.WriteString("pad_token", Options.Padding);
            json.WriteString("cls_token", Options.Start);
            json.WriteString("sep_token", Options.Separator);
            json.WriteString("mask_token", Options.Mask);
        });
    }

    private static WordPieceTokenizer Of(string[] tokens, WordPieceOptions options, IEnumerable<string> special, IEnumerable<AddedToken> added, string file)
    {
        var table = new TokenTable(tokens);
        string? missing = Array.Find(options.Special, token => table.Find(token) is null);
        if (options.LowerCase || options.StripAccents == true)
            foreach (var token in added.Where(token => token.Normalized))
                throw new DataFormatException(file, 0, $"the added token '{token.Content}' is 'normalized', found in texts whatever its case or accents. Added tokens are found as they are here: let 'normalized' be false.");
        return missing is null ? new WordPieceTokenizer(table, options, special, [.. added.Select(token => token.Content)])
            : throw new DataFormatException(file, 0, $"there is no token '{missing}' in it. Is it a vocabulary of word pieces, as BERT's is? If it has another name there, say so in the options.");
    }
}
