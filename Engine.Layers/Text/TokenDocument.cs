using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Engine.Layers;

/// <summary>Some tokens in a row.</summary>
/// <param name="Tokens">Their ids.</param>
/// <param name="Words">Which word each is a piece of: the same number for neighbours of one word. Empty where nobody asks.</param>
public readonly record struct TokenSegment(ReadOnlyMemory<int> Tokens, ReadOnlyMemory<int> Words)
{
    /// <summary>A part of it.</summary>
    public TokenSegment Slice(int start, int length) => new(Tokens.Slice(start, length), Words.IsEmpty ? Words : Words.Slice(start, length));
}

/// <summary>A text as tokens, sentence by sentence.</summary>
public sealed class TokenDocument
{
    private static readonly EncodeOptions Bare = new() { AddSpecial = false };

    private readonly int[] starts;                                  // of the sentences

    /// <summary>A document of sentences; those without tokens are left out.</summary>
    /// <param name="sentences">In order. Either all tell the words of their tokens, or none does; a number means a word within its sentence.</param>
    /// <exception cref="ArgumentException">Some tell words and others do not, or not as many as they have tokens.</exception>
    public TokenDocument(IEnumerable<TokenSegment> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        List<int> tokens = [], words = [], begins = [];
        bool? told = null;
        foreach (var (ids, own) in sentences.Where(one => !one.Tokens.IsEmpty))
        {
            told ??= !own.IsEmpty;
            if (own.Length != (told.Value ? ids.Length : 0))
                throw new ArgumentException($"Sentence {begins.Count} has {ids.Length} tokens and {own.Length} numbers of words. Give a number for each token of the document, or for none.", nameof(sentences));
            begins.Add(tokens.Count);
            tokens.AddRange(ids.Span);
            // Neighbours across a sentence's end are not of one word, whatever their numbers.
            for (int i = 0; i < own.Length; i++) words.Add(words.Count == 0 ? 0 : i > 0 && own.Span[i] == own.Span[i - 1] ? words[^1] : words[^1] + 1);
        }
        Content = new TokenSegment(tokens.ToArray(), words.ToArray());
        starts = [.. begins];
    }

    /// <summary>A document of a text's sentences.</summary>
    /// <param name="sentences">In order; <see cref="SentenceSplit"/> finds them in a text.</param>
    /// <param name="tokenizer">Cuts them into tokens; nothing is put around them.</param>
    public static TokenDocument From(IEnumerable<string> sentences, SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new TokenDocument(sentences.Select(sentence => tokenizer.Encode(sentence, options: Bare)).Select(encoded => new TokenSegment(encoded.Ids, encoded.Words)));
    }

    /// <summary>All its tokens.</summary>
    public TokenSegment Content { get; }

    /// <summary>Sentences that have tokens.</summary>
    public int Sentences => starts.Length;

    /// <summary>Its tokens, and where the sentences begin, told apart from those of other documents.</summary>
    internal void AddTo(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<int>([Content.Tokens.Length, starts.Length]));
        hash.AppendData(MemoryMarshal.AsBytes<int>(starts));
        hash.AppendData(MemoryMarshal.AsBytes(Content.Tokens.Span));
    }

    /// <summary>The tokens before a sentence.</summary>
    internal TokenSegment Before(int sentence) => Content.Slice(0, starts[sentence]);

    /// <summary>The tokens of a sentence and of those after it.</summary>
    internal TokenSegment From(int sentence) => Content.Slice(starts[sentence], Content.Tokens.Length - starts[sentence]);
}
