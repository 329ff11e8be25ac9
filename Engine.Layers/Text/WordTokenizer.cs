namespace Engine.Layers;

/// <summary>Words for tokens: a way to cut a text, and a vocabulary.</summary>
/// <param name="vocabulary">The words and their ids.</param>
/// <param name="split">Cuts a text into words, as <see cref="WordSplit"/> does; called by several threads at once.</param>
public sealed class WordTokenizer(Vocabulary vocabulary, Func<string, string[]> split) : ITokenizer
{
    /// <summary>A tokenizer whose vocabulary is that of some texts: of the training ones, so that nothing is learned of the test.</summary>
    /// <param name="texts">Read once.</param>
    /// <param name="split">Cuts a text into words.</param>
    /// <param name="minCount">How often a word must come to be in it.</param>
    /// <param name="maxSize">Tokens at most, padding and unknown among them; no limit unless given.</param>
    public static WordTokenizer Build(IEnumerable<string> texts, Func<string, string[]> split, int minCount = 1, int? maxSize = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(split);
        return new WordTokenizer(Vocabulary.Build(texts.Select(split), minCount, maxSize), split);
    }

    /// <summary>The words and their ids.</summary>
    public Vocabulary Vocabulary => vocabulary;

    /// <inheritdoc/>
    public int Count => vocabulary.Count;

    /// <inheritdoc/>
    public int[] Encode(string text) => vocabulary.Encode(split(text));

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids) => string.Join(' ', vocabulary.Decode(ids));
}
