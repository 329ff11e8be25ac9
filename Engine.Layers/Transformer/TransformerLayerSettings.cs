using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The sizes and the form of a <see cref="TransformerEncoderLayer"/> or <see cref="TransformerDecoderLayer"/>. Left alone, PyTorch's defaults.</summary>
/// <remarks>The original: as it is, with Dropout 0.1 and the two after it 0. BERT: Activation Gelu, Epsilon 1e-12, InnerDropout 0. GPT-2: NormFirst, Causal,
/// Activation GeluTanh, InnerDropout 0; without biases too, Bias false. Of Llama: NormFirst, Causal, RmsNorm, Rotary, KeyHeads, Bias false, Activation Silu, but not its
/// gate.</remarks>
public sealed record TransformerLayerSettings
{
    /// <summary>Size of the last axis of what goes in and comes out.</summary>
    public required int Width { get; init; }

    /// <summary>Heads of each attention.</summary>
    public required int Heads { get; init; }

    /// <summary>Units of the hidden layer between linear1 and linear2.</summary>
    public required int Inner { get; init; }

    /// <summary>What follows linear1.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Pre-norm, x + f(norm(x)), which trains without warm-up; else post-norm, norm(x + f(x)), the original. Source: Xiong et al. 2020, arXiv:2002.04745.</summary>
    public bool NormFirst { get; init; }

    /// <summary>The share that is dropped of what each attention and the feed-forward part make, before it is added to what went in.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The share of attention's weights that is dropped; <see cref="Dropout"/> unless set.</summary>
    public double? AttentionDropout { get; init; }

    /// <summary>The share that is dropped between linear1 and linear2; <see cref="Dropout"/> unless set.</summary>
    public double? InnerDropout { get; init; }

    /// <summary>Added to each norm's variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether linear layers, attention and norms have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether an encoder layer's positions see none behind their own. A decoder layer's never do.</summary>
    public bool Causal { get; init; }

    /// <summary>Numbers of a head; Width/Heads unless set.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Heads of keys and values, which divides <see cref="Heads"/>; as many unless set.</summary>
    public int? KeyHeads { get; init; }

    /// <summary>Turns queries and keys of a sequence's attention to itself by their positions; not unless set.</summary>
    public Rotary? Rotary { get; init; }

    /// <summary>Norms by the root mean square, which have no bias, instead of layer norms.</summary>
    public bool RmsNorm { get; init; }

    /// <summary>Draws the weights, biases being 0 then; PyTorch's unless set.</summary>
    public Init? Init { get; init; }

    /// <summary>Draws the weights whose products are added to what went in, out_proj's and linear2's, where <see cref="Init"/> does not: GPT-2 has them smaller
    /// by √(2·layers).</summary>
    public Init? ResidualInit { get; init; }

    internal MultiHeadAttention Attention(Rng rng, bool causal)
        => new(Width, Heads, rng, AttentionDropout ?? Dropout, causal, Bias, HeadSize, KeyHeads, Rotary, Init, ResidualInit);

    internal Layer Norm() => RmsNorm ? new RmsNorm(Width, Epsilon) : new LayerNorm(Width, Epsilon, Bias);

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    internal void Require()
    {
        foreach (var (size, name) in new[] { (Width, nameof(Width)), (Heads, nameof(Heads)), (Inner, nameof(Inner)) }) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, name);
        foreach (var (share, name) in new[] { (Dropout, nameof(Dropout)), (AttentionDropout ?? 0, nameof(AttentionDropout)), (InnerDropout ?? 0, nameof(InnerDropout)) })
            if (!(share >= 0 && share < 1)) throw new ArgumentOutOfRangeException(name, share, "A probability to drop is in [0, 1).");
    }

    /// <summary>"512, 8 heads, inner=2048, Relu, post-norm".</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Width}, {Heads} heads, inner={Inner}, {Activation}, {(NormFirst ? "pre" : "post")}-norm{(Causal ? ", causal" : "")}{(Dropout == 0 ? "" : $", dropout={Dropout}")}{(Bias ? "" : ", no bias")}");
}
