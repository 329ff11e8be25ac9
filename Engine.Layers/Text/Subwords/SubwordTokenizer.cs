using System.Runtime.InteropServices;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A tokenizer whose tokens are words and pieces of words: <see cref="WordPieceTokenizer"/> (BERT) and <see cref="ByteLevelBpe"/> (GPT-2). Any number of threads
/// may use one.</summary>
public abstract class SubwordTokenizer : ITokenizer
{
    private readonly TokenTable table;
    private readonly SpecialTokens special, added, both;
    private readonly int[] before, after;

    /// <summary>A tokenizer of these tokens.</summary>
    /// <param name="table">All of them.</param>
    /// <param name="special">Those that stand for no text.</param>
    /// <param name="added">Those that are text, and are found in every text, whole.</param>
    /// <param name="padding">The token that fills up the rows of a batch; 0 where there is none.</param>
    /// <param name="before">Put before the first text.</param>
    /// <param name="after">Put after each text.</param>
    private protected SubwordTokenizer(TokenTable table, IReadOnlyCollection<string> special, IReadOnlyCollection<string> added, int padding, int[] before, int[] after)
    {
        (this.table, this.before, this.after, Padding) = (table, before, after, padding);
        this.special = new SpecialTokens(table, special);
        this.added = new SpecialTokens(table, added.Except(special));
        both = new SpecialTokens(table, special.Concat(added));
    }

    /// <summary>The tokenizer in a folder of Hugging Face's form: word pieces where there is vocab.txt, byte pairs where there is vocab.json, and what tokenizer.json says
    /// where there is neither.</summary>
    /// <exception cref="FileNotFoundException">The folder has none of them.</exception>
    /// <exception cref="DataFormatException">A file is not what it should be; the error names it.</exception>
    public static SubwordTokenizer FromPretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        bool pieces = File.Exists(Path.Combine(folder, TokenizerFolder.PieceFile))
            || !File.Exists(Path.Combine(folder, TokenizerFolder.VocabularyFile)) && TokenizerFolder.ModelType(folder) == "WordPiece";
        return pieces ? WordPieceTokenizer.FromPretrained(folder) : ByteLevelBpe.FromPretrained(folder);
    }

    /// <inheritdoc/>
    public int Count => table.Count;

    /// <summary>The tokens as the vocabulary writes them ("##s", "Ġthe"), in order of their ids.</summary>
    public IReadOnlyList<string> Tokens => table.Tokens;

    /// <summary>The id of a token as the vocabulary writes it.</summary>
    /// <exception cref="KeyNotFoundException">It is none.</exception>
    public int this[string token] => table.Find(token) ?? throw new KeyNotFoundException($"'{token}' is none of the {Count} tokens. Ask Contains first.");

    /// <summary>The token of an id, as the vocabulary writes it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string this[int id] => table[id];

    /// <summary>Whether there is a token of that name.</summary>
    public bool Contains(string token) => table.Find(token) is not null;

    /// <summary>The ids of tokens that stand for no text, in order.</summary>
    public IReadOnlyList<int> Special => special.Ids;

    /// <summary>Whether a token stands for no text.</summary>
    public bool IsSpecial(int id) => special.Contains(id);

    /// <summary>The ids of tokens that were added, and are found in every text, whole.</summary>
    private protected IReadOnlyList<int> Added => added.Ids;

    /// <summary>The token that fills up the rows of a batch.</summary>
    public int Padding { get; }

    /// <summary>Tokens put around one text, or around two.</summary>
    public int AddedTokens(bool pair) => before.Length + (pair ? 2 : 1) * after.Length;

    /// <summary>The tokens of a text or of two: [CLS] text [SEP] pair [SEP] for BERT.</summary>
    /// <param name="text">The first.</param>
    /// <param name="pair">The second, if there is one; an empty one is one.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">MaxLength leaves no room for the tokens around the texts, or the text that is not to be cut is too long.</exception>
    public EncodedText Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new();
        var first = Pieces(text, options);
        var second = pair is null ? null : Pieces(pair, options);
        var (start, middle, end) = options.AddSpecial ? (before, after, after) : ([], [], []);
        int around = start.Length + middle.Length + (second is null ? 0 : end.Length);
        int firstLength = first.Count, secondLength = second?.Count ?? 0;
        if (options.MaxLength is { } most) Shorten(ref firstLength, ref secondLength, second is not null, most, around, options.Truncation);

        var encoded = new EncodedText(firstLength + secondLength + around);
        int at = Put(start, encoded, 0, 0), words = 0;
        at = Put(Kept(first, firstLength, options.Cut), encoded, at, 0, ref words);
        at = Put(middle, encoded, at, 0);
        if (second is null) return encoded;
        at = Put(Kept(second, secondLength, options.Cut), encoded, at, 1, ref words);
        Put(end, encoded, at, 1);
        return encoded;
    }

    int[] ITokenizer.Encode(string text) => Encode(text).Ids;

    /// <summary>The tokens of many texts, or of pairs of them; worked out on all cores.</summary>
    /// <param name="texts">The first texts.</param>
    /// <param name="pairs">The second ones, as many, if there are such.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There are not as many pairs, or what <see cref="Encode"/> refuses; it names the text.</exception>
    public EncodedText[] EncodeAll(IReadOnlyList<string> texts, IReadOnlyList<string>? pairs = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (pairs is not null && pairs.Count != texts.Count) throw new ArgumentException($"There are {texts.Count} texts and {pairs.Count} to pair with them.", nameof(pairs));
        var encoded = new EncodedText[texts.Count];
        var failed = new ArgumentException?[texts.Count];
        Parallel.For(0, encoded.Length, i =>
        {
            try
            {
                encoded[i] = Encode(texts[i], pairs?[i], options);
            }
            catch (ArgumentException e)
            {
                failed[i] = e;
            }
        });
        int bad = Array.FindIndex(failed, error => error is not null);
        return bad < 0 ? encoded : throw new ArgumentException($"Text {bad}: {failed[bad]!.Message}", failed[bad]);
    }

    /// <summary>Texts, or pairs of them, as a batch.</summary>
    /// <param name="texts">The first texts.</param>
    /// <param name="pairs">The second ones, as many, if there are such.</param>
    /// <param name="options">How.</param>
    /// <param name="device">Where the tensors go; the processor unless given.</param>
    /// <exception cref="ArgumentException">There are no texts, or what <see cref="EncodeAll"/> refuses.</exception>
    public EncodedBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string>? pairs = null, EncodeOptions? options = null, Device? device = null)
        => Batch(EncodeAll(texts, pairs, options), device);

    /// <summary>Encoded texts as a batch.</summary>
    /// <exception cref="ArgumentException">There are none, or none of them has a token.</exception>
    public EncodedBatch Batch(IReadOnlyList<EncodedText> texts, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count == 0) throw new ArgumentException("There is no text. Give at least one.", nameof(texts));
        int steps = texts.Max(text => text.Length);
        if (steps == 0) throw new ArgumentException("There is no token in the batch, and there is nothing to compute on. Leave empty texts out.", nameof(texts));
        int[] ids = new int[texts.Count * steps], types = new int[ids.Length];
        ids.AsSpan().Fill(Padding);
        for (int i = 0; i < texts.Count; i++)
        {
            texts[i].Ids.CopyTo(ids, i * steps);
            texts[i].TypeIds.CopyTo(types, i * steps);
        }
        int[] shape = [texts.Count, steps];
        device ??= Device.Cpu;
        return new EncodedBatch(Tensor.From(ids, shape).To(device), Tensor.From(types, shape).To(device), [.. texts.Select(text => text.Length)], texts);
    }

    /// <summary>The text of tokens, special ones left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    public string Decode(ReadOnlySpan<int> ids) => Decode(ids, special: false);

    /// <summary>The text of tokens.</summary>
    /// <param name="ids">Of any tokens.</param>
    /// <param name="special">Whether special tokens are written too.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    public abstract string Decode(ReadOnlySpan<int> ids, bool special);

    /// <summary>Writes a folder that <see cref="FromPretrained"/> and Hugging Face's tokenizers read; each file whole or not at all.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public abstract void SavePretrained(string folder);

    /// <summary>Adds the pieces of a part of a text. The number of a piece's word counts on from that of the last piece there.</summary>
    private protected abstract void Cut(string text, Range part, List<Piece> to);

    private List<Piece> Pieces(string text, EncodeOptions options)
    {
        var pieces = new List<Piece>(text.Length / 4 + 4);
        int from = 0;
        foreach (var (at, length, id) in (options.RecogniseSpecial ? both : added).In(text))
        {
            if (at > from) Cut(text, from..at, pieces);
            pieces.Add(new Piece(id, at, length, NextWord(pieces)));
            from = at + length;
        }
        if (from < text.Length) Cut(text, from..text.Length, pieces);
        return pieces;
    }

    private protected static int NextWord(List<Piece> pieces) => pieces.Count == 0 ? 0 : pieces[^1].Word + 1;

    private static void Shorten(ref int first, ref int second, bool pair, int most, int around, TextTruncation truncation)
    {
        int room = most - around, over = first + second - room;
        if (room < 0) throw new ArgumentException($"MaxLength is {most}, and {around} special tokens stand around the {(pair ? "texts" : "text")}. Let it be more.");
        if (over <= 0) return;
        if (!pair || truncation == TextTruncation.OnlyFirst)
            first = first >= over ? first - over : throw TooLong(second, "second", room, "first");
        else if (truncation == TextTruncation.OnlySecond)
            second = second >= over ? second - over : throw TooLong(first, "first", room, "second");
        else
        {
            // Off the longer one until both are as long, then in turn, the second one first.
            int uneven = Math.Min(over, Math.Abs(first - second));
            if (first > second) first -= uneven;
            else second -= uneven;
            over -= uneven;
            (first, second) = (first - over / 2, second - (over - over / 2));
        }
    }

    private static ArgumentException TooLong(int length, string name, int room, string other)
        => new($"The {name} text has {length} tokens, there is room for {room}, and only the {other} is to be cut. Let MaxLength be more, or cut the longest first.");

    private static ReadOnlySpan<Piece> Kept(List<Piece> pieces, int count, SequenceEnd cut)
        => cut == SequenceEnd.End ? CollectionsMarshal.AsSpan(pieces)[..count] : CollectionsMarshal.AsSpan(pieces)[^count..];

    private static int Put(int[] special, EncodedText to, int at, int type)
    {
        foreach (int id in special) to.SetSpecial(at++, id, type);
        return at;
    }

    private static int Put(ReadOnlySpan<Piece> pieces, EncodedText to, int at, int type, ref int words)
    {
        if (pieces.IsEmpty) return at;
        int first = words - pieces[0].Word;
        foreach (var piece in pieces) to.Set(at++, piece, type, first + piece.Word);
        words = first + pieces[^1].Word + 1;
        return at;
    }
}
