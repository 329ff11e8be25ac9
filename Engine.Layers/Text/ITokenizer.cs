namespace Engine.Layers;

/// <summary>Cuts a text into the tokens of a model, and puts it together again.</summary>
/// <remarks><see cref="WordTokenizer"/> does it by words. For byte pairs, word pieces and SentencePiece there is the package Microsoft.ML.Tokenizers; the
/// engine does not bring it along, since it is not made for NativeAOT, and one class fits it in:
/// <code>
/// sealed class PieceTokenizer(Microsoft.ML.Tokenizers.Tokenizer pieces, int count) : ITokenizer
/// {
///     public int Count => count;
///     public int[] Encode(string text) => [.. pieces.EncodeToIds(text)];
///     public string Decode(ReadOnlySpan&lt;int&gt; ids) => pieces.Decode(ids.ToArray()) ?? "";
/// }
/// </code></remarks>
public interface ITokenizer
{
    /// <summary>How many tokens there are; ids go from 0 to Count − 1.</summary>
    int Count { get; }

    /// <summary>The ids of a text's tokens, in order; none for a text without any. Called by several threads at once.</summary>
    int[] Encode(string text);

    /// <summary>A text of these tokens; what cutting lost, such as the kind of space between words, does not come back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    string Decode(ReadOnlySpan<int> ids);
}
