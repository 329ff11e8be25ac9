using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with a classifier of whole sequences. Its loss is <see cref="Loss.CrossEntropy(Tensor, Tensor)"/>.</summary>
/// <remarks>To fine-tune: <c>FromPretrained(folder, rng, c => c with { Labels = ["bad", "good"] })</c>, and then a loop or a <see cref="Trainer"/>.</remarks>
public sealed class BertForSequenceClassification : PretrainedBert
{
    private readonly BertModel bert;
    private readonly Dropout dropout;
    private readonly Linear classifier;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForSequenceClassification(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForSequenceClassification(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: true));
        dropout = Register("dropout", ClassifierDropout);
        classifier = Register("classifier", new Linear(config.HiddenSize, config.Labels.Count, rng, init: init));
    }

    /// <inheritdoc cref="BertForPreTraining.FromPretrained"/>
    public static BertForSequenceClassification FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForSequenceClassification(config, new Rng(0), init));

    /// <summary>BERT itself.</summary>
    public BertModel Bert => bert;

    /// <summary>A score for each label.</summary>
    /// <returns>(B, labels), before any softmax.</returns>
    /// <inheritdoc cref="BertForNextSentencePrediction.Forward(Tensor, Tensor, Pass, Tensor)"/>
    public Tensor Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null)
        => Within(pass, () => classifier.Forward(dropout.Forward(bert.Forward(ids, types, pass, mask).Pooled!, pass), pass), y => y);

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => null;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass);
}
