using System.Text;
using MicrosoftBpe = Microsoft.ML.Tokenizers.BpeTokenizer;

namespace Engine.Layers;

/// <summary>GPT-2's tokenizer: the bytes of words in UTF-8, pairs of which are merged in the order that training found. Every text has tokens and comes back whole; half of a surrogate
/// pair, which is no character, is U+FFFD.</summary>
/// <remarks>Pairs are merged by Microsoft.ML.Tokenizers. Source: Radford et al. 2019, "Language models are unsupervised multitask learners", and openai/gpt-2.</remarks>
public sealed partial class ByteLevelBpe : SubwordTokenizer
{
    /// <summary>Stands between texts, and ends them.</summary>
    public const string EndOfTextToken = "<|endoftext|>";

    private readonly MicrosoftBpe bpe;
    private readonly byte[]?[] bytes;
    private readonly (string Left, string Right)[] merges;

    /// <summary>A tokenizer of these tokens.</summary>
    /// <param name="tokens">In order of their ids, written as GPT-2's files write them: a character for a byte, Ġ for a space.</param>
    /// <param name="merges">The pairs to merge, first things first.</param>
    /// <param name="special">Tokens that stand for no text; <see cref="EndOfTextToken"/>, if it is among the tokens, unless given.</param>
    /// <exception cref="ArgumentException">A token is empty or comes twice, a byte has no token, a special one is not there, or a merge is of tokens or makes a token that is not there.</exception>
    public ByteLevelBpe(IEnumerable<string> tokens, IEnumerable<(string Left, string Right)> merges, IEnumerable<string>? special = null)
        : this(new TokenTable([.. tokens]), [.. merges], [.. special ?? [EndOfTextToken]], [])
    {
        if (special is not null && special.FirstOrDefault(token => !Contains(token)) is { } missing) throw new ArgumentException($"There is no token '{missing}' among these {Count}.", nameof(special));
    }

    private ByteLevelBpe(TokenTable table, (string Left, string Right)[] merges, string[] special, string[] added)
        : base(table, special, added, table.Find(EndOfTextToken) ?? 0, [], [])
    {
        if (Problem(table, merges) is { } problem) throw new ArgumentException(problem.Text, problem.Merge is null ? "tokens" : nameof(merges));
        this.merges = merges;
        bytes = [.. table.Tokens.Select((token, id) => IsSpecial(id) || Added.Contains(id) ? null : ByteCharacters.ToBytes(token))];
        bpe = MicrosoftBpe.Create(new(table.Tokens.Select((token, id) => KeyValuePair.Create(token, id))) { ByteLevel = true, Merges = merges.Select(merge => $"{merge.Left} {merge.Right}") });
    }

    /// <summary>The pairs that are merged, first things first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges => merges;

    /// <summary>The id of what ends a text; null where there is no such token.</summary>
    public int? EndOfText => Contains(EndOfTextToken) ? this[EndOfTextToken] : null;

    /// <inheritdoc/>
    /// <remarks>Bytes that are no UTF-8, such as half a character's, are U+FFFD.</remarks>
    public override string Decode(ReadOnlySpan<int> ids, bool special)
    {
        var text = new List<byte>(4 * ids.Length);
        foreach (int id in ids)
        {
            string token = this[id];
            if (!IsSpecial(id) || special) text.AddRange(bytes[id] ?? Encoding.UTF8.GetBytes(token));
        }
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
    }

    private protected override void Cut(string text, Range part, List<Piece> to)
    {
        var (start, left) = part.GetOffsetAndLength(text.Length);
        while (left > 0)
        {
            int length = GptWords.Next(text.AsSpan(start, left));
            CutWord(text.AsSpan(start, length), start, to);
            (start, left) = (start + length, left - length);
        }
    }

    private void CutWord(ReadOnlySpan<char> word, int start, List<Piece> to)
    {
        int number = NextWord(to);
        var whole = WholeCharacters(word);
        var place = new Place(whole);
        foreach (int id in bpe.EncodeToIds(whole, considerPreTokenization: false, considerNormalization: false))
        {
            var (from, length) = place.Take(this[id].Length);
            to.Add(new Piece(id, start + from, length, number));
        }
    }

    private static ReadOnlySpan<char> WholeCharacters(ReadOnlySpan<char> word)
    {
        if (!word.ContainsAnyInRange('\uD800', '\uDFFF')) return word;
        var whole = word.ToArray();
        for (int i = 0; i < whole.Length;)
            if (Rune.DecodeFromUtf16(whole.AsSpan(i), out _, out int units) == System.Buffers.OperationStatus.Done) i += units;
            else whole[i++] = '\uFFFD';
        return whole;
    }

    /// <summary>Walks through a word by the bytes of its UTF-8, and tells which characters they are of.</summary>
    private ref struct Place(ReadOnlySpan<char> word)
    {
        private readonly ReadOnlySpan<char> word = word;
        private int at, bytesLeft;       // the character that is being read and its bytes that are not; none where bytesLeft is 0

        public (int From, int Length) Take(int bytes)
        {
            int from = at;
            while (true)
            {
                Rune.DecodeFromUtf16(word[at..], out var rune, out int units);
                if (bytesLeft == 0) bytesLeft = rune.Utf8SequenceLength;
                int taken = Math.Min(bytes, bytesLeft);
                (bytes, bytesLeft) = (bytes - taken, bytesLeft - taken);
                if (bytesLeft == 0) at += units;
                if (bytes == 0) return (from, (bytesLeft == 0 ? at : at + units) - from);
            }
        }
    }

    private static (string Text, int? Merge)? Problem(TokenTable table, (string Left, string Right)[] merges)
    {
        for (int value = 0; value < 256; value++)
            if (table.Find(ByteCharacters.Of((byte)value).ToString()) is null)
                return ($"byte {value} has no token '{ByteCharacters.Of((byte)value)}'. A vocabulary of GPT-2's kind has one for each byte.", null);
        for (int i = 0; i < merges.Length; i++)
        {
            var (left, right) = merges[i];
            foreach (string token in new[] { left, right, left + right })
                if (table.Find(token) is null) return ($"merge {i}, of '{left}' and '{right}', needs a token '{token}', and there is none. Are the merges of that vocabulary?", i);
        }
        return null;
    }
}
