using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with the head that finds an answer in a text: where it begins and where it ends. The question is segment 0, the text segment 1.</summary>
public sealed class BertForQuestionAnswering : PretrainedBert
{
    private readonly BertModel bert;
    private readonly Linear outputs;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForQuestionAnswering(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForQuestionAnswering(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: false));
        outputs = Register("qa_outputs", new Linear(config.HiddenSize, 2, rng, init: init));
    }

    /// <inheritdoc cref="BertForPreTraining.FromPretrained"/>
    public static BertForQuestionAnswering FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForQuestionAnswering(config, new Rng(0), init));

    /// <summary>BERT itself, without a pooler.</summary>
    public BertModel Bert => bert;

    /// <summary>A score for each token as the answer's first and as its last.</summary>
    /// <returns>(B, T) each, before any softmax.</returns>
    /// <inheritdoc cref="BertForNextSentencePrediction.Forward(Tensor, Tensor, Pass, Tensor)"/>
    public BertAnswerScores Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null)
    {
        var scores = Within(pass, () => Scores(ids, types, pass, mask), y => y);
        return new BertAnswerScores(scores[.., .., 0], scores[.., .., 1]);
    }

    /// <summary>The mean of both ends' −log softmax(scores)[place]; 0 where no answer is in the text.</summary>
    /// <param name="scores">(B, T) each.</param>
    /// <param name="starts">Int32, (B): where the answers begin; −100 for one that is not in the text, which counts for nothing.</param>
    /// <param name="ends">Int32, (B): where they end, inclusive.</param>
    /// <exception cref="ShapeException">The shapes disagree.</exception>
    /// <exception cref="IndexException">A place is not in 0..T−1.</exception>
    public Tensor Loss(BertAnswerScores scores, Tensor starts, Tensor ends)
    {
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(ends);
        return (scores.Starts.CrossEntropyOrZero(starts, BertPredictions.NoLabel) + scores.Ends.CrossEntropyOrZero(ends, BertPredictions.NoLabel)) / 2;
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Scores(x, null, pass, null);

    private Tensor Scores(Tensor ids, Tensor? types, Pass pass, Tensor? mask) => outputs.Forward(bert.Forward(ids, types, pass, mask).Hidden, pass);
}

/// <summary>Where an answer is.</summary>
/// <param name="Starts">A score for each token as its first, (B, T).</param>
/// <param name="Ends">A score for each token as its last, (B, T).</param>
public readonly record struct BertAnswerScores(Tensor Starts, Tensor Ends);
