using System.Runtime.InteropServices;

namespace Engine.Layers;

/// <summary>Tokens and their ids, among them one for padding and one for all that are not in it.</summary>
public sealed partial class Vocabulary
{
    /// <summary>What padding is called unless told otherwise.</summary>
    public const string PaddingToken = "<pad>";

    /// <summary>What stands for the tokens that are not in it, unless told otherwise.</summary>
    public const string UnknownToken = "<unk>";

    private readonly string[] tokens;
    private readonly long[] counts;
    private readonly Dictionary<string, int> ids;

    /// <summary>A vocabulary of these tokens.</summary>
    /// <param name="tokens">In order of their ids, padding and unknown among them: <c>[Vocabulary.PaddingToken, Vocabulary.UnknownToken, .. words]</c>.</param>
    /// <param name="padding">Which of them is padding.</param>
    /// <param name="unknown">Which of them stands for all others.</param>
    /// <exception cref="ArgumentException">A token is empty or comes twice, or one of the two is not there.</exception>
    public Vocabulary(IEnumerable<string> tokens, string padding = PaddingToken, string unknown = UnknownToken) : this([.. tokens], [], padding, unknown)
    {
    }

    private Vocabulary(string[] tokens, long[] counts, string padding, string unknown)
    {
        (this.tokens, this.counts) = (tokens, counts);
        ids = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (string.IsNullOrEmpty(tokens[id])) throw new ArgumentException($"Token {id} is empty. Leave empty ones out.", nameof(tokens));
            if (!ids.TryAdd(tokens[id], id)) throw new ArgumentException($"'{tokens[id]}' is token {ids[tokens[id]]} and token {id}. Give each once.", nameof(tokens));
        }
        Padding = Special(padding, nameof(padding));
        Unknown = Special(unknown, nameof(unknown));
    }

    /// <summary>Counts tokens and numbers them: padding is 0, unknown is 1, then come the special ones, then the others, the most frequent first and equally
    /// frequent ones in ordinal order; so the same texts give the same ids everywhere.</summary>
    /// <param name="texts">The tokens of each text; read once.</param>
    /// <param name="minCount">How often a token must come to be in it.</param>
    /// <param name="maxSize">Ids at most, those of padding, unknown and special tokens among them; no limit unless given.</param>
    /// <param name="special">Tokens that are in it in any case: the beginning and the end of a sentence, say.</param>
    /// <exception cref="ArgumentException">A special token is empty or comes twice, or there are more of them than <paramref name="maxSize"/> lets in.</exception>
    public static Vocabulary Build(IEnumerable<IEnumerable<string>> texts, int minCount = 1, int? maxSize = null, params ReadOnlySpan<string> special)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minCount);
        string[] first = [PaddingToken, UnknownToken, .. special];
        if (maxSize < first.Length) throw new ArgumentException($"Padding, unknown and {special.Length} special tokens do not go into {maxSize}.", nameof(maxSize));
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var text in texts)
            foreach (string token in text) CollectionsMarshal.GetValueRefOrAddDefault(found, token, out _)++;
        var words = found.Where(word => word.Value >= minCount && !first.Contains(word.Key)).ToArray();
        Array.Sort(words, (a, b) => a.Value != b.Value ? b.Value.CompareTo(a.Value) : string.CompareOrdinal(a.Key, b.Key));
        if (maxSize - first.Length is { } room && room < words.Length) words = words[..room];
        return new Vocabulary([.. first, .. words.Select(word => word.Key)], [.. first.Select(token => found.GetValueOrDefault(token)), .. words.Select(word => word.Value)],
            PaddingToken, UnknownToken);
    }

    /// <summary>How many tokens: the rows that an embedding of them has.</summary>
    public int Count => tokens.Length;

    /// <summary>The id of padding.</summary>
    public int Padding { get; }

    /// <summary>The id of all tokens that are not in it.</summary>
    public int Unknown { get; }

    /// <summary>The tokens, in order of their ids.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>The id of a token; <see cref="Unknown"/> where it is not in it.</summary>
    public int this[string token] => ids.GetValueOrDefault(token, Unknown);

    /// <summary>The token of an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string this[int id] => tokens[Checked(id)];

    /// <summary>Whether a token is in it.</summary>
    public bool Contains(string token) => ids.ContainsKey(token);

    /// <summary>How often the token of an id came in the texts that this was built from; 0 where it was not built.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public long CountOf(int id) => counts.Length == 0 ? 0 : counts[Checked(id)];

    /// <summary>The ids of tokens.</summary>
    public int[] Encode(IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return [.. tokens.Select(token => this[token])];
    }

    /// <summary>The tokens of ids.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string[] Decode(ReadOnlySpan<int> ids)
    {
        var decoded = new string[ids.Length];
        for (int i = 0; i < decoded.Length; i++) decoded[i] = this[ids[i]];
        return decoded;
    }

    private int Checked(int id) => (uint)id < (uint)tokens.Length ? id
        : throw new ArgumentOutOfRangeException(nameof(id), $"There is no token {id} among {tokens.Length}. It is of another vocabulary.");

    private int Special(string token, string name) => ids.TryGetValue(token, out int id) ? id
        : throw new ArgumentException($"There is no token '{token}' among these {tokens.Length}. Put it among them, or say what {name} is called here.", name);
}
