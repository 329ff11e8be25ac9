using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Causal attention of a sequence to itself, then attention to an encoder's states, then a feed-forward part at each position; each is added to what
/// went in, and normalised.</summary>
/// <remarks><para>Post-norm: x ← norm1(x + self_attn(x)), x ← norm2(x + multihead_attn(x, memory)), x ← norm3(x + linear2(activation(linear1(x)))). Pre-norm
/// normalises what goes into each part instead.</para>
/// <para>Parts: self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3, those of torch.nn.TransformerDecoderLayer. docs/transformer-weights.md. Source:
/// Vaswani et al. 2017, arXiv:1706.03762.</para></remarks>
public sealed class TransformerDecoderLayer : Layer
{
    private readonly Layer norm1, norm2, norm3;
    private readonly FeedForward feedForward;

    /// <inheritdoc cref="TransformerEncoderLayer(TransformerLayerSettings, Rng)"/>
    public TransformerDecoderLayer(TransformerLayerSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rng);
        settings.Require();
        Sizes = settings with { Causal = true };
        Attention = Register("self_attn", settings.Attention(rng, causal: true));
        MemoryAttention = Register("multihead_attn", settings.Attention(rng, causal: false));
        feedForward = FeedForward.New(settings, rng, Register);
        norm1 = Register("norm1", settings.Norm());
        norm2 = Register("norm2", settings.Norm());
        norm3 = Register("norm3", settings.Norm());
    }

    /// <inheritdoc cref="TransformerEncoderLayer(int, int, int, Rng, Activation, bool, double, double, bool, bool, Init)"/>
    public TransformerDecoderLayer(int width, int heads, int inner, Rng rng, Activation activation = Activation.Relu, bool normFirst = false, double dropout = 0.1,
        double epsilon = 1e-5, bool bias = true, Init? init = null)
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
            Init = init,
        }, rng)
    { }

    /// <summary>What it was made with.</summary>
    public TransformerLayerSettings Sizes { get; }

    /// <summary>Its attention to its own sequence.</summary>
    public MultiHeadAttention Attention { get; }

    /// <summary>Its attention to the encoder's states.</summary>
    public MultiHeadAttention MemoryAttention { get; }

    /// <inheritdoc/>
    protected override string Settings => Sizes.ToString();

    /// <summary>The layer's result.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="memory">(B, S, width), what the encoder made.</param>
    /// <param name="pass">Whether this is training, and how many positions of each sequence of x count.</param>
    /// <param name="memoryLengths">How many of the S count for each of the batch; null for all.</param>
    /// <param name="mask">Of the attention to x itself, as <see cref="Tensor.Attention"/> takes it; that none looks ahead need not be in it.</param>
    /// <param name="memoryMask">Of the attention to the memory.</param>
    /// <param name="cache">What was there before; x is written behind it. The memory's keys and values are made in its first step and kept in it: later ones read
    /// neither the memory nor its lengths.</param>
    /// <param name="maps">Is given the weights of both attentions, too.</param>
    /// <returns>(B, T, width).</returns>
    /// <inheritdoc cref="MultiHeadAttention.Run(Tensor, Pass, Tensor, AttentionCache, ICollection{Tensor})" path="/exception"/>
    public Tensor Run(Tensor x, Tensor memory, Pass pass, int[]? memoryLengths = null, Tensor? mask = null, Tensor? memoryMask = null, AttentionCache? cache = null,
        AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(memory);
        return Within(pass, Through, y => y);

        Tensor Through()
        {
            if (maps is not null) return Parts();                                   // maps are somebody's beyond this layer
            using var scope = x.Device.ForwardScope("the layer");
            return scope.Keep(Parts());
        }

        Tensor Parts()
        {
            if (Sizes.NormFirst)
            {
                (var normed, x) = TransformerParts.AddNormKeep(norm2, x, Attend(norm1.Forward(x, pass)), pass);
                (normed, x) = TransformerParts.AddNormKeep(norm3, x, AttendToMemory(normed), pass);
                return x + Drop(feedForward.Forward(normed, pass));
            }
            x = TransformerParts.AddNorm(norm1, x, Attend(x), pass);
            x = TransformerParts.AddNorm(norm2, x, AttendToMemory(x), pass);
            return TransformerParts.AddNorm(norm3, x, Drop(feedForward.Forward(x, pass)), pass);
        }

        Tensor Attend(Tensor from) => Drop(Attention.Run(from, pass, mask, cache, maps?.Self));

        Tensor AttendToMemory(Tensor from)
        {
            if (cache is null) return Drop(MemoryAttention.Run(from, memory, pass, memoryLengths, memoryMask, maps?.Memory));
            if (cache.Memory is null) cache.Remember(MemoryAttention.Remember(memory, pass, memoryLengths));
            return Drop(MemoryAttention.Attend(from, cache.Memory!, pass, memoryMask, maps?.Memory));
        }

        Tensor Drop(Tensor y) => TransformerParts.Drop(y, Sizes.Dropout, pass);
    }

    /// <summary>Not for a decoder, which is given a memory, too.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
        => throw new InvalidOperationException("A decoder layer is given a memory, too: Run(x, memory, pass). For a decoder without one take TransformerEncoderLayer with Causal.");
}
