using System.Text.Json;

namespace Engine.Layers;

/// <summary>The vocabulary beside a model's weights: vocab.txt, or else vocab.json, or else tokenizer.json, as the tokenizers choose.</summary>
internal static class PretrainedVocabulary
{
    /// <summary>Refuses a vocabulary with tokens that the model has no vectors for; there may be none. The tokenizers refuse one that is wrong in itself.</summary>
    /// <exception cref="PretrainedException">It has more tokens than config.json says, or is no JSON.</exception>
    public static void Require(string folder, int tokens)
    {
        string[] names = [TokenizerFolder.PieceFile, TokenizerFolder.VocabularyFile, TokenizerFolder.JsonFile];
        if (names.Select(name => new FileInfo(Path.Combine(folder, name))).FirstOrDefault(file => file.Exists) is not { } file || FileSize.Of(file.FullName) is null or 0) return;
        if (file.Name == TokenizerFolder.PieceFile ? HasMoreLines(file, tokens) : HasGreaterId(file, tokens))
            throw new PretrainedException(file.FullName, null, $"it has more tokens than the {tokens} of vocab_size in {ConfigFile.Name}. Take the {file.Name} that belongs to the weights.");
    }

    private static bool HasMoreLines(FileInfo file, int most)
    {
        using var stream = file.OpenRead();
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

    private static bool HasGreaterId(FileInfo file, int tokens)
    {
        var root = JsonFile.Read(file.FullName, (problem, inner) => new PretrainedException(file.FullName, null, problem, inner));
        if (file.Name == TokenizerFolder.VocabularyFile) return AnyValue(root);
        return root.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.Object && model.TryGetProperty("vocab", out var learned) && AnyValue(learned)
            || root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array
                && added.EnumerateArray().Any(token => token.ValueKind == JsonValueKind.Object && token.TryGetProperty("id", out var id) && IsGreater(id));

        bool AnyValue(JsonElement ids) => ids.ValueKind == JsonValueKind.Object && ids.EnumerateObject().Any(token => IsGreater(token.Value));

        bool IsGreater(JsonElement id) => id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number) && number >= tokens;
    }
}
