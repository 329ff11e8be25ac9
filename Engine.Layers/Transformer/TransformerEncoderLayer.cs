using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Attention of a sequence to itself, then a feed-forward part at each position; each is added to what went in, and normalised. A GPT's block is
/// one with <see cref="TransformerLayerSettings.Causal"/>.</summary>
/// <remarks><para>Post-norm: x ← norm1(x + attention(x)), x ← norm2(x + linear2(activation(linear1(x)))). Pre-norm: x ← x + attention(norm1(x)),
/// x ← x + linear2(activation(linear1(norm2(x)))).</para>
/// <para>Parts: self_attn, linear1, linear2, norm1, norm2, those of torch.nn.TransformerEncoderLayer. docs/transformer-weights.md. Source: Vaswani et al. 2017,
/// arXiv:1706.03762.</para></remarks>
public sealed class TransformerEncoderLayer : Layer
{
    private readonly Layer norm1, norm2;
    private readonly FeedForward feedForward;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="settings">Its sizes and form.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="ArgumentException">The heads do not divide the width, or those of keys not the heads.</exception>
    public TransformerEncoderLayer(TransformerLayerSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rng);
        settings.Require();
        Sizes = settings;
        Attention = Register("self_attn", settings.Attention(rng, settings.Causal));
        feedForward = FeedForward.New(settings, rng, Register);
        norm1 = Register("norm1", settings.Norm());
        norm2 = Register("norm2", settings.Norm());
    }

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="width">Size of the last axis of what goes in and comes out.</param>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="inner">Units between linear1 and linear2.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="activation">What follows linear1.</param>
    /// <param name="normFirst">Pre-norm; else post-norm.</param>
    /// <param name="dropout">The share dropped of attention's weights, after each part, and between linear1 and linear2.</param>
    /// <param name="epsilon">Added to each norm's variance.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="causal">Whether a position sees none behind its own.</param>
    /// <param name="init">Draws the weights, biases being 0 then.</param>
    /// <inheritdoc cref="TransformerEncoderLayer(TransformerLayerSettings, Rng)"/>
    public TransformerEncoderLayer(int width, int heads, int inner, Rng rng, Activation activation = Activation.Relu, bool normFirst = false, double dropout = 0.1,
        double epsilon = 1e-5, bool bias = true, bool causal = false, Init? init = null)
        : this(new TransformerLayerSettings
        {
            Width = width,
            Heads = heads,
            Inner = inner,
            Activation = activation,
            NormFirst = normFirst,
            Dropout = dropout,
            Epsilon = epsilon,
            Bias = bias,
            Causal = causal,
            Init = init,
        }, rng)
    { }

    /// <summary>What it was made with.</summary>
    public TransformerLayerSettings Sizes { get; }

    /// <summary>Its attention.</summary>
    public MultiHeadAttention Attention { get; }

    /// <inheritdoc/>
    protected override string Settings => Sizes.ToString();

    /// <summary>The layer's result, with a mask, what was there before, or the attention's weights.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="pass">Whether this is training, and how many positions of each sequence count.</param>
    /// <param name="mask">As <see cref="Tensor.Attention"/> takes it.</param>
    /// <param name="cache">What was there before; this is written behind it.</param>
    /// <param name="maps">Is given the weights of the attention, too.</param>
    /// <returns>(B, T, width).</returns>
    /// <inheritdoc cref="MultiHeadAttention.Run(Tensor, Pass, Tensor, AttentionCache, ICollection{Tensor})" path="/exception"/>
    public Tensor Run(Tensor x, Pass pass, Tensor? mask = null, AttentionCache? cache = null, AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () => Through(x, pass, mask, cache, maps), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Through(x, pass, null, null, null);

    private Tensor Through(Tensor x, Pass pass, Tensor? mask, AttentionCache? cache, AttentionMaps? maps)
    {
        if (maps is not null) return Parts(x, pass, mask, cache, maps);             // maps are somebody's beyond this layer
        using var scope = x.Device.ForwardScope("the layer");
        return scope.Keep(Parts(x, pass, mask, cache, null));
    }

    private Tensor Parts(Tensor x, Pass pass, Tensor? mask, AttentionCache? cache, AttentionMaps? maps)
    {
        if (Sizes.NormFirst)
        {
            (var normed, x) = TransformerParts.AddNormKeep(norm2, x, Attend(norm1.Forward(x, pass)), pass);
            return x + Drop(feedForward.Forward(normed, pass));
        }
        x = TransformerParts.AddNorm(norm1, x, Attend(x), pass);
        return TransformerParts.AddNorm(norm2, x, Drop(feedForward.Forward(x, pass)), pass);

        Tensor Attend(Tensor from) => Drop(Attention.Run(from, pass, mask, cache, maps?.Self));

        Tensor Drop(Tensor y) => TransformerParts.Drop(y, Sizes.Dropout, pass);
    }
}
