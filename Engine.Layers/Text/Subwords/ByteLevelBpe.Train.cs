using System.Text;

namespace Engine.Layers;

public sealed partial class ByteLevelBpe
{
    /// <summary>Finds byte pairs in texts. The same texts give the same tokens, in whatever order they come.</summary>
    /// <param name="texts">Read once, a text at a time.</param>
    /// <param name="training">How many tokens, say.</param>
    /// <param name="progress">Told how many texts were read, every thousand, and then how many tokens there are, every hundred.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ArgumentException">The size has no room for the special tokens and 256 bytes, or a special token comes twice, is empty or a byte's. <see cref="EndOfTextToken"/> is there without being named.</exception>
    /// <remarks>The first tokens are <see cref="EndOfTextToken"/> and the other special ones; the bytes follow, then what merging made, in its order.</remarks>
    public static ByteLevelBpe Train(IEnumerable<string> texts, TokenizerTraining? training = null, IProgress<TokenizerProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        training ??= new();
        string[] special = [EndOfTextToken, .. training.Special];
        if (special.Length + 256 > training.Size)
            throw new ArgumentException($"{special.Length} special tokens and 256 bytes do not go into {training.Size} tokens. Let Size be more.", nameof(training));
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => ByteCharacters.Of((byte)value).ToString())];
        _ = new TokenTable([.. special, .. bytes]);                 // refuses what it would refuse after the training
        var counts = new WordCounts(progress, cancel);
        counts.Read(texts, (text, found) =>
        {
            for (int at = 0, length; at < text.Length; at += length)
            {
                length = GptWords.Next(text.AsSpan(at));
                found(text.AsSpan(at, length));
            }
        });

        var merging = new PairMerging(bytes, string.Concat);
        foreach (var (word, count) in counts.Words) merging.Add([.. Encoding.UTF8.GetBytes(word).Select(value => (int)value)], count);
        var merges = merging.Run(training.Size - special.Length, training.MinCount, special.ToHashSet(StringComparer.Ordinal), counts.Report(special.Length), cancel);
        return new ByteLevelBpe([.. special, .. merging.Tokens], merges, special);
    }
}
