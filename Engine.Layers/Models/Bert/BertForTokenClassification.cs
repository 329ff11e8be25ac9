using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with a classifier of each token: names, parts of speech.</summary>
public sealed class BertForTokenClassification : PretrainedBert
{
    private readonly BertModel bert;
    private readonly Dropout dropout;
    private readonly Linear classifier;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForTokenClassification(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForTokenClassification(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: false));
        dropout = Register("dropout", ClassifierDropout);
        classifier = Register("classifier", new Linear(config.HiddenSize, config.Labels.Count, rng, init: init));
    }

    /// <inheritdoc cref="BertForPreTraining.FromPretrained"/>
    public static BertForTokenClassification FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForTokenClassification(config, new Rng(0), init));

    /// <summary>BERT itself, without a pooler.</summary>
    public BertModel Bert => bert;

    /// <summary>A score for each label at each token.</summary>
    /// <returns>(B, T, labels), before any softmax.</returns>
    /// <inheritdoc cref="BertForNextSentencePrediction.Forward(Tensor, Tensor, Pass, Tensor)"/>
    public Tensor Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null)
        => Within(pass, () => classifier.Forward(dropout.Forward(bert.Forward(ids, types, pass, mask).Hidden, pass), pass), y => y);

    /// <summary>The mean over all tokens that have a label of −log softmax(scores)[label]; 0 where none has.</summary>
    /// <param name="scores">(B, T, labels).</param>
    /// <param name="labels">Int32, (B, T), −100 where there is none: padding, or the later pieces of a word.</param>
    /// <exception cref="ShapeException">The shapes disagree.</exception>
    public Tensor Loss(Tensor scores, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Rank != 3 || labels.Shape != new Shape(scores.Shape[0], scores.Shape[1])) throw new ShapeException($"The scores {scores.Shape} and the labels {labels.Shape} must be (B, T, {Config.Labels.Count}) and (B, T).");
        return scores.Reshape(-1, scores.Shape[2]).CrossEntropyOrZero(labels.Flatten(), BertPredictions.NoLabel);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass);
}
