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
    private readonly int[] starts;                                  // of the sentences

    /// <summary>A document of sentences; those without tokens are left out.</summary>
    /// <param name="sentences">In order. Either all tell the words of their tokens, or none does; a number means a word within its sentence.</param>
    /// <exception cref="ArgumentException">Some tell words and others do not, or not as many as they have tokens.</exception>
    public TokenDocument(IEnumerable<TokenSegment> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        List<int> tokens = [], words = [], begins = [];
        foreach (var sentence in sentences.Where(one => !one.Tokens.IsEmpty))
        {
            int before = words.Count;
            begins.Add(tokens.Count);
            // Neighbours across a sentence's end are not of one word, whatever their numbers.
            int next = before == 0 ? 0 : words[^1] + 1, last = -1;
            for (int i = 0; i < sentence.Words.Length; i++)
            {
                int word = sentence.Words.Span[i];
                if (i > 0 && word != last) next++;
                last = word;
                words.Add(next);
            }
            tokens.AddRange(sentence.Tokens.Span);
            if (words.Count != 0 && (words.Count != tokens.Count || before == 0 && begins.Count > 1))
                throw new ArgumentException($"Sentence {begins.Count - 1} has {sentence.Tokens.Length} tokens and {sentence.Words.Length} numbers of words. Give a number for each token of the document, or for none.", nameof(sentences));
        }
        Content = new TokenSegment(tokens.ToArray(), words.ToArray());
        starts = [.. begins];
    }

    /// <summary>All its tokens.</summary>
    public TokenSegment Content { get; }

    /// <summary>Sentences that have tokens.</summary>
    public int Sentences => starts.Length;

    /// <summary>The tokens before a sentence.</summary>
    internal TokenSegment Before(int sentence) => Content.Slice(0, starts[sentence]);

    /// <summary>The tokens of a sentence and of those after it.</summary>
    internal TokenSegment From(int sentence) => Content.Slice(starts[sentence], Content.Tokens.Length - starts[sentence]);
}
