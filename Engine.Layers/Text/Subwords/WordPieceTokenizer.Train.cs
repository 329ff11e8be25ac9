using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Layers;

public sealed partial class WordPieceTokenizer
{
    /// <summary>Finds word pieces in texts: characters, and pairs that come often merged to longer pieces. The same texts give the same tokens, in whatever order they come.</summary>
    /// <param name="texts">Read once, a text at a time.</param>
    /// <param name="training">How many tokens, say.</param>
    /// <param name="options">How text is prepared; as for an uncased BERT unless given.</param>
    /// <param name="progress">Told how many texts were read, every thousand, and then how many tokens there are, every hundred.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ArgumentException">The size has no room for the special tokens and the characters, or a special token comes twice, is empty or a character, or has a line end in it. <see cref="WordPieceOptions"/>'s are there without being named.</exception>
    /// <remarks>By byte pair encoding over characters with ## before those that do not begin a word, as Hugging Face's trainer does it; the one that Google used for BERT was not published.</remarks>
    public static WordPieceTokenizer Train(IEnumerable<string> texts, TokenizerTraining? training = null, WordPieceOptions? options = null, IProgress<TokenizerProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        (training, options) = (training ?? new(), options ?? new());
        string[] special = [.. options.Special, .. training.Special];
        _ = new WordPieceTokenizer(new TokenTable(special), options, training.Special, []);   // refuses what it would refuse after the training
        var counts = new WordCounts(progress, cancel);
        var cutter = Words(options);
        counts.Read(texts, (text, found) => cutter.Cut(text, .., (word, _) =>
        {
            if (!IsLong(word)) found(word);
        }));

        var kept = Characters(counts.Words, training.MaxCharacters);
        var words = counts.Words.Where(word => word.Key.EnumerateRunes().All(kept.Contains))
            .Select(word => (Symbols: SymbolsOf(word.Key), Count: word.Value)).ToArray();
        string[] symbols = [.. kept.Select(character => character.ToString()).Order(StringComparer.Ordinal),
            .. words.SelectMany(word => word.Symbols.Skip(1)).Distinct().Order(StringComparer.Ordinal)];
        if (special.Length + symbols.Length > training.Size)
            throw new ArgumentException($"{special.Length} special tokens and {symbols.Length} characters do not go into {training.Size} tokens. Let Size be more, or MaxCharacters less.", nameof(training));

        _ = new TokenTable([.. special, .. symbols]);
        var merging = new PairMerging(symbols, (left, right) => left + right[Continuation.Length..]);
        foreach (var (own, count) in words) merging.Add([.. own.Select(symbol => merging[symbol])], count);
        merging.Run(training.Size - special.Length, training.MinCount, special.ToHashSet(StringComparer.Ordinal), counts.Report(special.Length), cancel);
        return new WordPieceTokenizer(new TokenTable([.. special, .. merging.Tokens]), options, training.Special, []);
    }

    /// <summary>The most frequent characters; of equally frequent ones those that Unicode has first.</summary>
    private static HashSet<Rune> Characters(IReadOnlyDictionary<string, long> words, int most)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
            foreach (var character in word.EnumerateRunes()) CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += count;
        return [.. counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Take(most).Select(one => one.Key)];
    }

    private static string[] SymbolsOf(string word) => [.. word.EnumerateRunes().Select((character, i) => i == 0 ? character.ToString() : Continuation + character)];
}
