namespace Engine.Layers;

/// <summary>Cuts a text into the tokens of a model, and puts it together again.</summary>
/// <remarks><see cref="WordTokenizer"/> does it by words; <see cref="WordPieceTokenizer"/> (BERT) and <see cref="ByteLevelBpe"/> (GPT-2) by pieces of words, and have pairs of texts, offsets
/// and batches besides. Another kind, such as SentencePiece, is a class of one's own around what reads it.</remarks>
public interface ITokenizer
{
    /// <summary>How many tokens there are; ids go from 0 to Count − 1.</summary>
    int Count { get; }

    /// <summary>The ids of a text's tokens, in order, with those that a model has around a text, [CLS] and [SEP] say; none for a text without any. Called by several threads at once.</summary>
    int[] Encode(string text);

    /// <summary>A text of these tokens; what cutting lost, such as the kind of space between words, does not come back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is no token's.</exception>
    string Decode(ReadOnlySpan<int> ids);
}
