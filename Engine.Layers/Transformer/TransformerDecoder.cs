using Engine.Core;

namespace Engine.Layers;

/// <summary>Several <see cref="TransformerDecoderLayer"/>s on one another, each attending to the same memory.</summary>
/// <remarks>Parts: layers.0, layers.1 and so on, and norm, those of torch.nn.TransformerDecoder.</remarks>
public sealed class TransformerDecoder : Layer
{
    private readonly TransformerDecoderLayer[] layers;
    private readonly Layer? norm;

    /// <inheritdoc cref="TransformerEncoder(TransformerLayerSettings, int, Rng, bool?)"/>
    public TransformerDecoder(TransformerLayerSettings settings, int count, Rng rng, bool? finalNorm = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        layers = new TransformerDecoderLayer[count];
        for (int i = 0; i < count; i++) layers[i] = new TransformerDecoderLayer(settings, rng);
        Register("layers", new Sequential(layers));
        if (finalNorm ?? settings.NormFirst) norm = Register("norm", settings.Norm());
    }

    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<TransformerDecoderLayer> Layers => layers;

    /// <inheritdoc cref="TransformerEncoder.NewCache"/>
    public KeyValueCache NewCache(int batch, int room) => new(layers.Length, batch, room, layers[0].Attention.KeySize, Parameters[0].Value.Device);

    /// <summary>What the layers make.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="memory">(B, S, width), what the encoder made.</param>
    /// <param name="pass">Whether this is training, and how many positions of each sequence of x count.</param>
    /// <param name="memoryLengths">How many of the S count for each of the batch; null for all.</param>
    /// <param name="mask">Of the attentions to x itself, as <see cref="Tensor.Attention"/> takes it; that none looks ahead need not be in it.</param>
    /// <param name="memoryMask">Of the attentions to the memory.</param>
    /// <param name="cache">What was there before; x is written behind it. The memory's keys and values are made in its first step and kept in it: later ones read
    /// neither the memory nor its lengths. A pass that ends early leaves the positions as they were.</param>
    /// <param name="maps">Is given the weights of each attention, too.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ArgumentException">The cache has another number of layers, or there are a cache and lengths.</exception>
    /// <inheritdoc cref="MultiHeadAttention.Run(Tensor, Pass, Tensor, AttentionCache, ICollection{Tensor})" path="/exception"/>
    public Tensor Run(Tensor x, Tensor memory, Pass pass, int[]? memoryLengths = null, Tensor? mask = null, Tensor? memoryMask = null, KeyValueCache? cache = null,
        AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(memory);
        cache?.Require(layers.Length);
        return Within(pass, () => cache is null ? Through() : cache.Step(Through), y => y);

        Tensor Through()
        {
            var y = x;
            for (int i = 0; i < layers.Length; i++) y = layers[i].Run(y, memory, pass, memoryLengths, mask, memoryMask, cache?[i], maps);
            return norm?.Forward(y, pass) ?? y;
        }
    }

    /// <summary>Not for a decoder, which is given a memory, too.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
        => throw new InvalidOperationException("A decoder is given a memory, too: Run(x, memory, pass). For a decoder without one take TransformerEncoder with Causal.");
}
