namespace Engine.Layers;

/// <summary>How the tokens of a tokenizer are found in texts.</summary>
public sealed record TokenizerTraining
{
    /// <summary>Tokens at most, special ones and single characters among them; fewer where the texts have no more pairs that come often enough.</summary>
    public int Size
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Size));
            field = value;
        }
    } = 30_000;

    /// <summary>How often a pair must come to be merged.</summary>
    public int MinCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MinCount));
            field = value;
        }
    } = 2;

    /// <summary>Characters at most that are tokens of their own, the most frequent ones; words with others are passed over, and are unknown later. Bytes are all tokens.</summary>
    public int MaxCharacters
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxCharacters));
            field = value;
        }
    } = 1000;

    /// <summary>Tokens that stand for no text, besides those that the tokenizer has in any case.</summary>
    public IReadOnlyList<string> Special { get; init; } = [];
}

/// <summary>How far the training of a tokenizer is.</summary>
/// <param name="Texts">Texts read.</param>
/// <param name="Tokens">Tokens found; 0 while texts are read.</param>
public readonly record struct TokenizerProgress(long Texts, int Tokens);
