namespace Engine.Layers;

/// <summary>The vocab.txt of a BERT's folder, a token a line.</summary>
internal static class BertVocabularyFile
{
    public const string Name = "vocab.txt";

    /// <summary>Refuses a vocabulary with tokens that the model has no vectors for; the file may be missing.</summary>
    /// <exception cref="PretrainedException">It has more tokens than config.json says.</exception>
    public static void Require(string folder, BertConfig config)
    {
        string path = Path.Combine(folder, Name);
        if (FileSize.Of(path) is null or 0) return;
        if (HasMoreLines(path, config.VocabularySize))
            throw new PretrainedException(path, null, $"it has more tokens than the {config.VocabularySize} of vocab_size in {ConfigFile.Name}. Take the {Name} that belongs to the weights.");
    }

    private static bool HasMoreLines(string path, int most)
    {
        using var stream = File.OpenRead(path);
        var buffer = new byte[1 << 16];
        long lines = 0;
        bool ended = true;                                          // whether the last byte ended a line
        for (int count; lines <= most && (count = stream.Read(buffer)) > 0;)
        {
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
            ended = buffer[count - 1] == '\n';
        }
        return lines + (ended ? 0 : 1) > most;
    }
}
