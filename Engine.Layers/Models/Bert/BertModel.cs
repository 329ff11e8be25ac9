using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT without a head: a vector for each token that knows its neighbours on both sides.</summary>
/// <remarks><para>Token ids (B, T), Int32, to (B, T, W). <see cref="Layer.Forward"/> and <see cref="Layer.Predict(Tensor, int[], CancellationToken)"/> take ids alone, all of
/// segment 0; the pass has the lengths where some are padded.</para>
/// <para>Parameters are called as Hugging Face calls them, but for the encoder's layers: docs/transformer-weights.md. Source: Devlin, Chang, Lee and Toutanova 2019,
/// arXiv:1810.04805.</para></remarks>
public sealed class BertModel : PretrainedBert
{
    private readonly BertEmbeddings embeddings;
    private readonly TransformerEncoder encoder;
    private readonly Linear? pooler;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <param name="config">Its sizes and settings.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="pooler">Whether there is a vector for the whole sequence, too.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the heads do not divide the width.</exception>
    public BertModel(BertConfig config, Rng rng, bool pooler = true) : this(config, rng, Drawn(config), pooler) { }

    internal BertModel(BertConfig config, Rng rng, Init init, bool pooler) : base(config)
    {
        embeddings = Register("embeddings", new BertEmbeddings(config, rng, init));
        encoder = Register("encoder", new TransformerEncoder(new TransformerLayerSettings
        {
            Width = config.HiddenSize,
            Heads = config.AttentionHeads,
            Inner = config.IntermediateSize,
            Activation = config.Activation,
            Dropout = config.HiddenDropout,
            AttentionDropout = config.AttentionDropout,
            InnerDropout = 0,
            Epsilon = config.LayerNormEpsilon,
            Init = init,
        }, config.HiddenLayers, rng));
        if (!pooler) return;
        this.pooler = new Linear(config.HiddenSize, config.HiddenSize, rng, Activation.Tanh, init: init);
        Register("pooler", new Sequential { { "dense", this.pooler } });
    }

    /// <summary>Reads a folder in Hugging Face's form: config.json and model.safetensors, or shards and their index; of any BERT, heads being left over.</summary>
    /// <param name="folder">The folder. It is data: nothing in it is run. Its weights live on the mapped file where they stand there as they are here, and a change of
    /// them does not reach the file; as long as the model is used, others must not cut the file short.</param>
    /// <param name="rng">Draws the pooler where the folder has none; without it that is an error.</param>
    /// <param name="change">Settings other than the folder's, <c>c => c with { HiddenDropout = 0 }</c>.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <param name="pooler">Whether there is a vector for the whole sequence, too.</param>
    /// <exception cref="PretrainedException">A file is missing or not valid, or asks for what the engine does not have; the message names file and parameter.</exception>
    /// <exception cref="WeightsException">A parameter is missing or of another shape; all that are are listed.</exception>
    /// <exception cref="SafetensorsException">A file of weights is not valid.</exception>
    public static BertModel FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null, bool pooler = true)
        => Load(folder, rng, change, device, (config, init) => new BertModel(config, new Rng(0), init, pooler));

    /// <summary>The vectors of tokens, and of sequences.</summary>
    /// <param name="ids">Int32, (B, T), on the model's device.</param>
    /// <param name="types">Int32, (B, T), the segment of each token; null for segment 0 everywhere.</param>
    /// <param name="pass">Whether this is training, and how many tokens each sequence has, where some are padded.</param>
    /// <param name="mask">Int32 or UInt8, (B, T), 1 for a token and 0 for padding, instead of the pass' lengths; padding may be anywhere.</param>
    /// <param name="maps">Is given the weights of each layer's attention, too.</param>
    /// <exception cref="ShapeException">ids, types and mask are not (B, T), or longer than the model has positions.</exception>
    /// <exception cref="IndexException">A token or a segment is past the vocabulary.</exception>
    /// <remarks>Where no token of a sequence counts, attention is 0, and nothing is NaN.</remarks>
    public BertStates Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null, AttentionMaps? maps = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Within(pass, () =>
        {
            var x = embeddings.Embed(ids, types, pass);
            var (within, hidden) = BertMask.Of(mask, ids, pass);
            x = encoder.Run(x, within, hidden, maps: maps);
            return new BertStates(x, pooler?.Forward(x[.., 0], pass));
        }, y => y.Hidden);
    }

    /// <summary>The tokens' vectors, (V, W), to which a head is tied.</summary>
    internal Parameter Words => embeddings.Words;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass).Hidden;
}

/// <summary>What a <see cref="BertModel"/> makes.</summary>
/// <param name="Hidden">A vector for each token, (B, T, W).</param>
/// <param name="Pooled">A vector for each sequence, (B, W), tanh(W·first token's + b); null without a pooler.</param>
public readonly record struct BertStates(Tensor Hidden, Tensor? Pooled);
