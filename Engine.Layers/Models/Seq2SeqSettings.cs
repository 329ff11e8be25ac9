using System.Globalization;

namespace Engine.Layers;

/// <summary>The sizes of a <see cref="Seq2Seq"/>, and the tokens that it knows by name.</summary>
public sealed record Seq2SeqSettings : EncoderDecoderSettings
{
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

    internal override void Require()
    {
        base.Require();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EmbeddingSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(HiddenSize);
        RequireShare(Dropout, nameof(Dropout));
    }

    /// <summary>"12 -> 14, embedding=64, hidden=128".</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{SourceTokens} -> {TargetTokens}, embedding={EmbeddingSize}, hidden={HiddenSize}{(Bidirectional ? ", bidirectional" : "")}, {Attention}{(Dropout == 0 ? "" : $", dropout={Dropout}")}");
}
