namespace Engine.Layers;

/// <summary>The text of tokens that come one after another. A character whose bytes lie in several tokens comes with the last of them.</summary>
internal sealed class TokenText
{
    private readonly ITokenizer tokenizer;
    private readonly List<int> tokens;                              // those whose text has been given out stay as long as the next needs them before it
    private int before;                                             // how many that are
    private int given;                                              // characters of the text of all of these

    /// <param name="tokenizer">Tells the text.</param>
    /// <param name="prompt">The tokens before the first, whose text is not given.</param>
    public TokenText(ITokenizer tokenizer, IEnumerable<int> prompt)
    {
        (this.tokenizer, tokens) = (tokenizer, [.. prompt]);
        Pass(Text());
    }

    /// <summary>What is certain of the text once this token came.</summary>
    public string Add(int token)
    {
        tokens.Add(token);
        string text = Text();
        // A part of a character reads as one �, and a part of a pair of UTF-16 is its first.
        int sure = text.Length > 0 && (text[^1] == '\uFFFD' || char.IsHighSurrogate(text[^1])) ? text.Length - 1 : text.Length;
        string piece = From(text[..sure]);
        if (sure == text.Length) Pass(text);
        else given = Math.Max(given, sure);
        return piece;
    }

    /// <summary>What is left, at the end.</summary>
    public string Rest() => From(Text());

    private string Text() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens));

    private string From(string text) => text.Length > given ? text[given..] : "";

    /// <summary>Forgets what came before the last whole text; that stays, since a token's text may depend on it, as with the space between words.</summary>
    private void Pass(string text)
    {
        given = text.Length;
        if (before > 0)
        {
            tokens.RemoveRange(0, before);
            given = Text().Length;
        }
        before = tokens.Count;
    }
}
