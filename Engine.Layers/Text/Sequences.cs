namespace Engine.Layers;

/// <summary>The ids of a text's tokens, and the text's class.</summary>
/// <param name="Tokens">In order.</param>
/// <param name="Class">From 0 on.</param>
public readonly record struct LabelledTokens(ReadOnlyMemory<int> Tokens, int Class);

/// <summary>The ids of the tokens of a text, and of what a model should make of it: its translation, say.</summary>
/// <param name="Source">In order.</param>
/// <param name="Target">In order.</param>
public readonly record struct TokenPair(ReadOnlyMemory<int> Source, ReadOnlyMemory<int> Target);

/// <summary>An end of a sequence.</summary>
public enum SequenceEnd
{
    /// <summary>Before the first token: Keras' 'pre'.</summary>
    Start,

    /// <summary>After the last token: Keras' 'post'.</summary>
    End,
}
