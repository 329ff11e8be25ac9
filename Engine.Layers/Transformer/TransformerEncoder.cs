using Engine.Core;

namespace Engine.Layers;

/// <summary>Several <see cref="TransformerEncoderLayer"/>s on one another: an encoder, or with <see cref="TransformerLayerSettings.Causal"/> the body of a GPT.</summary>
/// <remarks>Parts: layers.0, layers.1 and so on, and norm, those of torch.nn.TransformerEncoder.</remarks>
public sealed class TransformerEncoder : Layer
{
    private readonly TransformerEncoderLayer[] layers;
    private readonly Layer? norm;

    /// <summary>Layers with numbers newly drawn.</summary>
    /// <param name="settings">The sizes and form of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="finalNorm">Whether a norm follows the last; where layers are pre-norm unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="ArgumentException">The heads do not divide the width, or those of keys not the heads.</exception>
    public TransformerEncoder(TransformerLayerSettings settings, int count, Rng rng, bool? finalNorm = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        layers = new TransformerEncoderLayer[count];
        for (int i = 0; i < count; i++) layers[i] = new TransformerEncoderLayer(settings, rng);
        Register("layers", new Sequential(layers));
        if (finalNorm ?? settings.NormFirst) norm = Register("norm", settings.Norm());
    }

    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<TransformerEncoderLayer> Layers => layers;

    /// <summary>An empty cache for <see cref="Run"/>.</summary>
    /// <param name="batch">Sequences side by side.</param>
    /// <param name="room">Positions at most.</param>
    public KeyValueCache NewCache(int batch, int room) => new(layers.Length, batch, room, layers[0].Attention.KeySize, Parameters[0].Value.Device);

    /// <summary>What the layers make, with a mask, what was there before, or the attentions' weights.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="pass">Whether this is training, and how many positions of each sequence count.</param>
    /// <param name="mask">As <see cref="Tensor.Attention"/> takes it, for each layer.</param>
    /// <param name="cache">What was there before; x is written behind it. A pass that ends early leaves it as it was.</param>
    /// <param name="maps">Is given the weights of each attention, too.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ArgumentException">The cache has another number of layers, or there are a cache and lengths.</exception>
    /// <inheritdoc cref="MultiHeadAttention.Run(Tensor, Pass, Tensor, AttentionCache, ICollection{Tensor})" path="/exception"/>
    public Tensor Run(Tensor x, Pass pass, Tensor? mask = null, KeyValueCache? cache = null, AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        cache?.Require(layers.Length);
        return Within(pass, () => cache is null ? Through() : cache.Step(Through), y => y);

        Tensor Through()
        {
            var y = x;
            for (int i = 0; i < layers.Length; i++) y = layers[i].Run(y, pass, mask, cache?[i], maps);
            return norm?.Forward(y, pass) ?? y;
        }
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (var layer in layers) x = layer.Forward(x, pass);
        return norm?.Forward(x, pass) ?? x;
    }
}
