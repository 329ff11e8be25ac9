using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Encoder and decoder of attention alone.</summary>
/// <remarks><para>What goes into the encoder, and with the targets' vectors into the decoder, is √width · vector of the token + sinusoidal position. Logits are the products
/// of the decoder's result with the targets' vectors.</para>
/// <para>Parts: source_embedding, target_embedding, encoder and decoder, the last two as torch.nn.Transformer's; and output, where it is not tied.
/// docs/transformer-weights.md. Source: Vaswani et al. 2017, arXiv:1706.03762; source and target have vectors of their own here.</para></remarks>
public sealed class Transformer : EncoderDecoder
{
    private readonly Embedding sourceVectors, targetVectors;
    private readonly SinusoidalPositions positions;
    private readonly TransformerEncoder encoder;
    private readonly TransformerDecoder decoder;
    private readonly Parameter tied;
    private readonly Linear? output;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <param name="settings">Its sizes and tokens.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public Transformer(TransformerSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rng);
        settings.Require();
        Sizes = settings;
        int width = settings.Width;
        var vectors = Init.Normal(0, 1 / Math.Sqrt(width));         // of length 1, and √width · that of 1 a number
        sourceVectors = Register("source_embedding", new Embedding(settings.SourceTokens, width, rng, init: vectors));
        targetVectors = Register("target_embedding", new Embedding(settings.TargetTokens, width, rng, init: vectors));
        positions = Register("positions", new SinusoidalPositions(width));
        encoder = Register("encoder", new TransformerEncoder(settings.Layer, settings.EncoderLayers, rng));
        decoder = Register("decoder", new TransformerDecoder(settings.Layer, settings.DecoderLayers, rng));
        tied = targetVectors.Parameters[0];
        if (!settings.TieOutput) output = Register("output", new Linear(width, settings.TargetTokens, rng));
    }

    /// <inheritdoc/>
    public override TransformerSettings Sizes { get; }

    /// <summary>What the encoder makes of sources: the decoder's memory.</summary>
    /// <param name="source">Int32, (B, S); the pass has the lengths where some are padded.</param>
    /// <param name="pass">Whether this is training.</param>
    /// <param name="maps">Is given the weights of each attention, too.</param>
    /// <returns>(B, S, width).</returns>
    /// <exception cref="ShapeException">The source is not (B, S).</exception>
    public Tensor Encode(Tensor source, Pass pass, AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Within(pass, () =>
        {
            RequireSource(source);
            return encoder.Run(Placed(sourceVectors, source, 0, pass), pass, maps: maps);
        }, y => y);
    }

    /// <summary>What the model would write behind each of some target tokens.</summary>
    /// <param name="tokens">Int32, (B, T), the start token first, or with a cache those after what is in it.</param>
    /// <param name="memory">What <see cref="Encode"/> made.</param>
    /// <param name="lengths">The sources' lengths; null where none is padded.</param>
    /// <param name="pass">Whether this is training; its lengths are of no account.</param>
    /// <param name="cache">The tokens before, of <see cref="NewCache"/>.</param>
    /// <param name="maps">Is given the weights of each attention, too.</param>
    /// <returns>Logits, (B, T, TargetTokens).</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or the cache has no room.</exception>
    /// <exception cref="SequenceException">A length is not in 0..S; it names the row.</exception>
    public Tensor Decode(Tensor tokens, Tensor memory, int[]? lengths, Pass pass, KeyValueCache? cache = null, AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return Within(pass, () =>
        {
            if (tokens.Rank != 2) throw new ShapeException($"the tokens {tokens.Shape} must be (B, T).");
            var own = pass.WithLengths(null);
            var y = decoder.Run(Placed(targetVectors, tokens, cache?.Length ?? 0, own), memory, own, lengths, cache: cache, maps: maps);
            return output?.Forward(y, own) ?? y.MatMul(tied, transposeOther: true);
        }, y => y);
    }

    /// <summary>An empty cache for <see cref="Decode"/>.</summary>
    /// <inheritdoc cref="TransformerDecoder.NewCache"/>
    public KeyValueCache NewCache(int batch, int room) => decoder.NewCache(batch, room);

    private protected override IReadOnlyList<IReadOnlyList<Hypothesis>> Search(BeamSearch search, Tensor source, Pass pass)
    {
        if (source.Shape[0] == 0) return [];
        var memory = Encode(source, pass);
        using var cache = NewCache(source.Shape[0], search.MaxLength);
        // The search's state is the cache's row that each hypothesis goes on from.
        return search.Search(Starts(source.Shape[0]), [Rows(source.Shape[0])], (tokens, _, state) =>
        {
            cache.Select(state[0]);
            var logits = Decode(tokens.Unsqueeze(1), memory, pass.Lengths, pass, cache);
            return (logits.Squeeze(1).LogSoftmax(), [Rows(tokens.Count)]);
        }, pass.Cancel);

        Tensor Rows(int count) => Tensor.From([.. Enumerable.Range(0, count)], [count], source.Device);
    }

    private protected override (Tensor Logits, Tensor? Weights) Teach(Tensor source, Tensor before, Pass pass, bool weights)
    {
        var maps = weights ? new AttentionMaps() : null;
        var logits = Decode(before, Encode(source, pass), pass.Lengths, pass, maps: maps);
        return (logits, maps?.Memory[^1].Mean([1]));
    }

    private Tensor Placed(Embedding vectors, Tensor tokens, int first, Pass pass)
        => TransformerParts.Drop(positions.Run(vectors.Forward(tokens, pass) * Math.Sqrt(Sizes.Width), pass, first), Sizes.Dropout, pass);
}
