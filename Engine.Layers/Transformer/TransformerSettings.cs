using System.Globalization;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The sizes of a <see cref="Transformer"/>, and the tokens that it knows by name. Left alone, the base model of Vaswani et al.</summary>
public sealed record TransformerSettings : EncoderDecoderSettings
{
    /// <summary>Numbers of a token's vector, and of each layer's result.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Heads of each attention.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Units of each feed-forward part.</summary>
    public int Inner { get; init; } = 2048;

    /// <summary>Layers of the encoder.</summary>
    public int EncoderLayers { get; init; } = 6;

    /// <summary>Layers of the decoder.</summary>
    public int DecoderLayers { get; init; } = 6;

    /// <summary>What follows the first half of each feed-forward part.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Pre-norm, with a norm behind the last layer of encoder and decoder; else post-norm, without.</summary>
    public bool NormFirst { get; init; }

    /// <summary>The probability to drop a number of the vectors with their positions, and of what each attention and feed-forward part makes, while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Whether logits are products with the target tokens' vectors; else of a matrix of their own, with biases.</summary>
    public bool TieOutput { get; init; } = true;

    /// <summary>What each layer is made of.</summary>
    internal TransformerLayerSettings Layer => new()
    {
        Width = Width,
        Heads = Heads,
        Inner = Inner,
        Activation = Activation,
        NormFirst = NormFirst,
        Dropout = Dropout,
        AttentionDropout = 0,
        InnerDropout = 0,
        Init = Init.XavierUniform(),
    };

    internal override void Require()
    {
        base.Require();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EncoderLayers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(DecoderLayers);
        Layer.Require();
    }

    /// <summary>"12 -> 14, 6 + 6 layers of 512, 8 heads, inner=2048".</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{SourceTokens} -> {TargetTokens}, {EncoderLayers} + {DecoderLayers} layers of {Width}, {Heads} heads, inner={Inner}, {(NormFirst ? "pre" : "post")}-norm{(Dropout == 0 ? "" : $", dropout={Dropout}")}");
}
