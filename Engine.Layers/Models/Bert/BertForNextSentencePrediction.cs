using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with the head that tells whether the second sentence follows the first. Its loss is <see cref="Loss.CrossEntropy(Tensor, Tensor)"/>, of class 0
/// where it does and 1 where it does not.</summary>
public sealed class BertForNextSentencePrediction : PretrainedBert
{
    private readonly BertModel bert;
    private readonly Linear relationship;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForNextSentencePrediction(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForNextSentencePrediction(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: true));
        relationship = new Linear(config.HiddenSize, 2, rng, init: init);
        Register("cls", new Sequential { { "seq_relationship", relationship } });
    }

    /// <inheritdoc cref="BertForPreTraining.FromPretrained"/>
    public static BertForNextSentencePrediction FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForNextSentencePrediction(config, new Rng(0), init));

    /// <summary>BERT itself.</summary>
    public BertModel Bert => bert;

    /// <summary>Scores of "follows" and "does not follow".</summary>
    /// <param name="ids">Int32, (B, T).</param>
    /// <param name="types">Int32, (B, T), 0 in the first sentence and 1 in the second; null for 0 everywhere.</param>
    /// <param name="pass">Whether this is training, and the lengths.</param>
    /// <param name="mask">Int32 or UInt8, (B, T), 1 for a token and 0 for padding.</param>
    /// <returns>(B, 2), before any softmax.</returns>
    /// <inheritdoc cref="BertModel.Forward(Tensor, Tensor, Pass, Tensor, AttentionMaps)" path="/exception"/>
    public Tensor Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null)
        => Within(pass, () => relationship.Forward(bert.Forward(ids, types, pass, mask).Pooled!, pass), y => y);

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass);
}
