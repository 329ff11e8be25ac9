namespace Engine.Layers;

/// <summary>The tokens that an <see cref="EncoderDecoder"/> reads and writes.</summary>
public abstract record EncoderDecoderSettings
{
    /// <summary>How many tokens the source has: ids 0..SourceTokens−1.</summary>
    public required int SourceTokens { get; init; }

    /// <summary>How many tokens the target has, start, end and padding among them.</summary>
    public required int TargetTokens { get; init; }

    /// <summary>The target's token before its first; targets themselves don't hold it.</summary>
    public required int StartToken { get; init; }

    /// <summary>The target's token after its last; targets hold it.</summary>
    public required int EndToken { get; init; }

    /// <summary>The target's token that fills a batch up: the loss passes it over.</summary>
    public int PaddingToken { get; init; }

    /// <summary>Tokens that the model writes at most where nothing else is said.</summary>
    public int MaxLength { get; init; } = 50;

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    internal virtual void Require()
    {
        foreach (var (size, name) in new[] { (SourceTokens, nameof(SourceTokens)), (TargetTokens, nameof(TargetTokens)), (MaxLength, nameof(MaxLength)) })
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, name);
        foreach (var (token, name) in new[] { (StartToken, nameof(StartToken)), (EndToken, nameof(EndToken)), (PaddingToken, nameof(PaddingToken)) })
            if (token < 0 || token >= TargetTokens) throw new ArgumentOutOfRangeException(name, token, $"It is in 0..{TargetTokens - 1}, one of the target's tokens.");
        if (EndToken == PaddingToken) throw new ArgumentOutOfRangeException(nameof(PaddingToken), PaddingToken, "It is the end token too, so the loss would pass every end over. Give padding a token of its own.");
    }

    private protected static void RequireShare(double dropout, string name)
    {
        if (!(dropout >= 0 && dropout < 1)) throw new ArgumentOutOfRangeException(name, dropout, "A probability to drop is in [0, 1).");
    }
}
