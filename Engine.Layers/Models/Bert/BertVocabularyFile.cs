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
        if (!File.Exists(path)) return;
        int tokens = File.ReadLines(path).Take(config.VocabularySize + 1).Count();
        if (tokens > config.VocabularySize)
            throw new PretrainedException(path, null, $"it has more tokens than the {config.VocabularySize} of vocab_size in {ConfigFile.Name}. Take the {Name} that belongs to the weights.");
    }
}
