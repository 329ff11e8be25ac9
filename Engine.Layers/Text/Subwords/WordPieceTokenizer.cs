using System.Text;
using MicrosoftPieces = Microsoft.ML.Tokenizers.WordPieceTokenizer;

namespace Engine.Layers;

/// <summary>BERT's tokenizer: words, and the longest pieces that make up a word which is not in the vocabulary; pieces after a word's first are written with ##.</summary>
/// <remarks>Pieces are found by Microsoft.ML.Tokenizers; words are cut here, since its own BertTokenizer drops line ends and some symbols.
/// Source: Devlin et al. 2018, arXiv:1810.04805, and google-research/bert.</remarks>
public sealed partial class WordPieceTokenizer : SubwordTokenizer
{
    /// <summary>How a piece that does not begin a word is written.</summary>
    public const string Continuation = "##";

    private const int LongestWord = 100;        // characters; longer ones are unknown, as Google's and Hugging Face's have it

    private readonly MicrosoftPieces pieces;
    private readonly BertWords words;

    /// <summary>A tokenizer of these tokens.</summary>
    /// <param name="tokens">In order of their ids, special ones among them.</param>
    /// <param name="options">How text is prepared; as for an uncased BERT unless given.</param>
    /// <param name="special">Tokens that stand for no text, besides those of the options.</param>
    /// <exception cref="ArgumentException">A token is empty, has a line end in it or comes twice, or a special token is not there.</exception>
    public WordPieceTokenizer(IEnumerable<string> tokens, WordPieceOptions? options = null, IEnumerable<string>? special = null)
        : this(new TokenTable([.. tokens]), options ?? new(), special ?? [], [])
    {
    }

    private WordPieceTokenizer(TokenTable table, WordPieceOptions options, IEnumerable<string> special, IReadOnlyCollection<string> added)
        : base(table, [.. options.Special, .. special], added, Find(table, options.Padding), [Find(table, options.Start)], [Find(table, options.Separator)])
    {
        Options = options;
        (Unknown, Start, Separator, Mask) = (Find(table, options.Unknown), this[options.Start], this[options.Separator], Find(table, options.Mask));
        words = Words(options);
        var lines = new StringBuilder();
        for (int id = 0; id < table.Count; id++)
        {
            if (table[id].AsSpan().ContainsAny('\n', '\r')) throw new ArgumentException($"Token {id} has a line end in it, and vocab.txt has one token on a line.", nameof(table));
            lines.Append(table[id]).Append('\n');
        }
        using var stream = new MemoryStream(Strict.Utf8.GetBytes(lines.ToString()));
        pieces = MicrosoftPieces.Create(stream, new() { UnknownToken = options.Unknown, ContinuingSubwordPrefix = Continuation, MaxInputCharsPerWord = 2 * LongestWord });
    }

    /// <summary>How text is prepared.</summary>
    public WordPieceOptions Options { get; }

    /// <summary>The id of what stands for a word that no pieces make up: [UNK].</summary>
    public int Unknown { get; }

    /// <summary>The id of what stands before the first text: [CLS].</summary>
    public int Start { get; }

    /// <summary>The id of what stands after each text: [SEP].</summary>
    public int Separator { get; }

    /// <summary>The id of what stands for a token to guess: [MASK].</summary>
    public int Mask { get; }

    /// <summary>The text of tokens: pieces are joined to words and words by spaces.</summary>
    /// <param name="ids">Of any tokens.</param>
    /// <param name="special">Whether special tokens are written too.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    public override string Decode(ReadOnlySpan<int> ids, bool special) => Decode(ids, special, cleanUp: true);

    /// <summary>The text of tokens: pieces are joined to words and words by spaces.</summary>
    /// <param name="ids">Of any tokens.</param>
    /// <param name="special">Whether special tokens are written too.</param>
    /// <param name="cleanUp">Whether the space before . ? ! and , and the spaces around an apostrophe within a word are taken out again.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool special, bool cleanUp)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            string token = this[id];
            if (IsSpecial(id) && !special) continue;
            bool joined = token.StartsWith(Continuation, StringComparison.Ordinal) && text.Length > 0;
            if (joined) text.Append(token.AsSpan(Continuation.Length));
            else text.Append(text.Length > 0 ? " " : "").Append(token);
        }
        if (cleanUp)
            foreach (var (parted, joined) in Joints) text.Replace(parted, joined);
        return text.ToString();
    }

    // Source: clean_up_tokenization of Hugging Face's transformers.
    private static readonly (string, string)[] Joints
        = [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")];

    private protected override void Cut(string text, Range part, List<Piece> to) => words.Cut(text, part, (word, from) =>
    {
        int number = NextWord(to), at = 0;
        if (IsLong(word)) to.Add(new Piece(Unknown, from[0].Start, from[^1].End - from[0].Start, number));
        else
            foreach (int id in pieces.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false))
            {
                string token = this[id];
                int units = id == Unknown ? word.Length - at : token.Length - (at > 0 ? Continuation.Length : 0), start = from[at].Start;
                at += units;
                to.Add(new Piece(id, start, from[at - 1].End - start, number));
            }
    });

    private static BertWords Words(WordPieceOptions options) => new(options.LowerCase, options.StripAccents ?? options.LowerCase, options.SplitChinese);

    private static bool IsLong(ReadOnlySpan<char> word)
    {
        if (word.Length <= LongestWord) return false;
        int characters = 0;
        foreach (char unit in word) characters += char.IsLowSurrogate(unit) ? 0 : 1;
        return characters > LongestWord;
    }

    private static int Find(TokenTable table, string token) => table.Find(token)
        ?? throw new ArgumentException($"There is no token '{token}' among these {table.Count}. Put it among them, or say in the options what it is called here.", nameof(table));
}
