namespace Engine.Layers;

public sealed partial class ByteLevelBpe
{
    /// <summary>The tokenizer of vocab.json and merges.txt.</summary>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    /// <exception cref="DataFormatException">A file is not what it should be; the error names it, and the line.</exception>
    public static ByteLevelBpe FromFiles(string vocabulary, string merges)
        => Of(TokenizerFolder.ReadVocabulary(vocabulary), TokenizerFolder.ReadMerges(merges), [EndOfTextToken], [], vocabulary, merges);

    /// <summary>The tokenizer in a folder of Hugging Face's form: vocab.json and merges.txt, or else tokenizer.json. A tokenizer.json with other words than GPT-2's is refused.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">A file is not what it should be; the error names it.</exception>
    public static new ByteLevelBpe FromPretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string vocabulary = Path.Combine(folder, TokenizerFolder.VocabularyFile), merges = Path.Combine(folder, TokenizerFolder.MergesFile), json = Path.Combine(folder, TokenizerFolder.JsonFile);
        TokenizerFolder.RequireGptWords(folder);
        if (File.Exists(vocabulary))
            return Of(TokenizerFolder.ReadVocabulary(vocabulary), TokenizerFolder.ReadMerges(merges), [EndOfTextToken, .. TokenizerFolder.AdditionalSpecial(folder)], TokenizerFolder.AddedText(folder), vocabulary, merges);
        var (tokens, pairs, added) = TokenizerFolder.ReadJson(folder, "BPE");
        return Of(tokens, pairs, [.. added.Where(token => token.Special).Select(token => token.Content)], added.Where(token => !token.Special), json, json);
    }

    /// <summary>Writes vocab.json and merges.txt, each whole or not at all.</summary>
    /// <exception cref="IOException">One could not be written.</exception>
    public void SaveFiles(string vocabulary, string merges) => SaveFiles(vocabulary, merges, replaceLinks: false);

    private void SaveFiles(string vocabulary, string merges, bool replaceLinks)
    {
        TokenizerFolder.WriteJson(vocabulary, json =>
        {
            for (int id = 0; id < Count; id++) json.WriteNumber(this[id], id);
        }, replaceLinks);
        byte[] lines = Strict.Utf8.GetBytes("#version: 0.2\n" + string.Concat(this.merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
        AtomicFile.Write(merges, stream => stream.Write(lines), replaceLinks);
    }

    /// <summary>Writes a folder that <see cref="FromPretrained"/> and Hugging Face's GPT2Tokenizer read: vocab.json, merges.txt and tokenizer_config.json, each whole or not at all.</summary>
    /// <param name="folder">Made if it is not there. Links in it, as in a cache, are replaced, and what they lead to stays as it is.</param>
    /// <exception cref="IOException">One could not be written.</exception>
    public override void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        SaveFiles(Path.Combine(folder, TokenizerFolder.VocabularyFile), Path.Combine(folder, TokenizerFolder.MergesFile), replaceLinks: true);
        TokenizerFolder.WriteConfig(folder, "GPT2Tokenizer", Special.Select(id => this[id]).Where(token => token != EndOfTextToken), Added.Select(id => (id, this[id])), json =>
        {
            if (EndOfText is null) return;
            foreach (string name in new[] { "bos_token", "eos_token", "unk_token" }) json.WriteString(name, EndOfTextToken);
        });
    }

    private static ByteLevelBpe Of(string[] tokens, (string, string)[] merges, string[] special, IEnumerable<AddedToken> added, string vocabularyFile, string mergesFile)
    {
        var table = new TokenTable(tokens);
        if (Problem(table, merges) is { } problem) throw new DataFormatException(problem.Merge is null ? vocabularyFile : mergesFile, 0, problem.Text);
        return new ByteLevelBpe(table, merges, special, [.. added.Select(token => token.Content)]);
    }
}
