using System.Globalization;

namespace Engine.Layers;

/// <summary>The sizes of a <see cref="Seq2Seq"/>, and the tokens that it knows by name.</summary>
public sealed record Seq2SeqSettings
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

    /// <summary>Numbers of a token's vector.</summary>
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>Numbers of the decoder's state, and of each direction's of the encoder.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>Whether the encoder reads the source backward, too.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>Whose attention. Bahdanau's looks before each step of the decoder, which then goes step by step; Luong's look after it, so that in training the
    /// whole decoder is one op.</summary>
    public AttentionScore Attention { get; init; } = AttentionScore.General;

    /// <summary>The probability to drop a number of the vectors that go into encoder and decoder, and of those that the output is made of, while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Tokens that the model writes at most where nothing else is said.</summary>
    public int MaxLength { get; init; } = 50;

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    internal void Require()
    {
        foreach (var (size, name) in new[] { (SourceTokens, nameof(SourceTokens)), (TargetTokens, nameof(TargetTokens)), (EmbeddingSize, nameof(EmbeddingSize)), (HiddenSize, nameof(HiddenSize)), (MaxLength, nameof(MaxLength)) })
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, name);
        foreach (var (token, name) in new[] { (StartToken, nameof(StartToken)), (EndToken, nameof(EndToken)), (PaddingToken, nameof(PaddingToken)) })
            if (token < 0 || token >= TargetTokens) throw new ArgumentOutOfRangeException(name, token, $"It is in 0..{TargetTokens - 1}, one of the target's tokens.");
        if (EndToken == PaddingToken) throw new ArgumentOutOfRangeException(nameof(PaddingToken), PaddingToken, "It is the end token too, so the loss would pass every end over. Give padding a token of its own.");
        if (!(Dropout >= 0 && Dropout < 1)) throw new ArgumentOutOfRangeException(nameof(Dropout), Dropout, "A probability to drop is in [0, 1).");
    }

    /// <summary>"12 -> 14, embedding=64, hidden=128".</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{SourceTokens} -> {TargetTokens}, embedding={EmbeddingSize}, hidden={HiddenSize}{(Bidirectional ? ", bidirectional" : "")}, {Attention}{(Dropout == 0 ? "" : $", dropout={Dropout}")}");
}
