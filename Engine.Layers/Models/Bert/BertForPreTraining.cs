using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with the heads of its two tasks: which token was hidden, and whether the second sentence follows the first.</summary>
/// <remarks>A step of training: <c>var loss = model.Loss(ids, types, labels, next, Pass.Train(rng)); loss.Total.Backward(); optimizer.Step();</c></remarks>
public sealed class BertForPreTraining : PretrainedBert
{
    private readonly BertModel bert;
    private readonly BertPredictions predictions;
    private readonly Linear relationship;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForPreTraining(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForPreTraining(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: true));
        predictions = new BertPredictions(config, bert.Words, rng, init);
        relationship = new Linear(config.HiddenSize, 2, rng, init: init);
        Register("cls", new Sequential { { "predictions", predictions }, { "seq_relationship", relationship } });
    }

    /// <summary>Reads a folder in Hugging Face's form.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rng">Draws the heads where the folder lacks them; without it that is an error.</param>
    /// <param name="change">Settings other than the folder's.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <inheritdoc cref="BertModel.FromPretrained" path="/exception"/>
    public static BertForPreTraining FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForPreTraining(config, new Rng(0), init));

    /// <summary>BERT itself.</summary>
    public BertModel Bert => bert;

    /// <summary>The scores of both tasks.</summary>
    /// <param name="ids">Int32, (B, T).</param>
    /// <param name="types">Int32, (B, T), 0 in the first sentence and 1 in the second; null for 0 everywhere.</param>
    /// <param name="pass">Whether this is training, and the lengths.</param>
    /// <param name="mask">Int32 or UInt8, (B, T), 1 for a token and 0 for padding.</param>
    /// <param name="places">Int32, (M), row · T + column: guess the tokens of these places alone.</param>
    /// <inheritdoc cref="BertModel.Forward(Tensor, Tensor, Pass, Tensor, AttentionMaps)" path="/exception"/>
    public BertPreTrainingScores Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null, Tensor? places = null) => Within(pass, () =>
    {
        var (hidden, pooled) = bert.Forward(ids, types, pass, mask);
        return new BertPreTrainingScores(places is null ? predictions.Forward(hidden, pass) : predictions.At(hidden, places, pass), relationship.Forward(pooled!, pass));
    }, y => y.Tokens);

    /// <summary>The losses of both tasks, tokens being guessed at the hidden places alone.</summary>
    /// <param name="ids">Int32, (B, T).</param>
    /// <param name="types">Int32, (B, T); null for 0 everywhere.</param>
    /// <param name="labels">Int32, (B, T): the token that was hidden, and −100 elsewhere; or with places (M).</param>
    /// <param name="next">Int32, (B): 0 where the second sentence follows the first, 1 where it does not.</param>
    /// <param name="pass">Whether this is training, and the lengths.</param>
    /// <param name="mask">Int32 or UInt8, (B, T), 1 for a token and 0 for padding.</param>
    /// <param name="places">Int32, (M), row · T + column: where the hidden tokens are.</param>
    /// <exception cref="ShapeException">Shapes disagree, or sequences are longer than the model has positions.</exception>
    /// <exception cref="IndexException">A token, a segment or a label is past the vocabulary.</exception>
    public BertPreTrainingLoss Loss(Tensor ids, Tensor? types, Tensor labels, Tensor next, Pass pass, Tensor? mask = null, Tensor? places = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(next);
        return Within(pass, () =>
        {
            var (hidden, pooled) = bert.Forward(ids, types, pass, mask);
            var scores = relationship.Forward(pooled!, pass);
            Tensor tokens = predictions.Loss(hidden, labels, places, pass), sentences = scores.CrossEntropy(next);
            return new BertPreTrainingLoss(tokens + sentences, tokens, sentences, scores);
        }, y => y.Total);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass).Tokens;
}

/// <summary>The scores of BERT's two tasks.</summary>
/// <param name="Tokens">(B, T, V), or (M, V) at places alone, before any softmax.</param>
/// <param name="NextSentence">(B, 2), of "follows" and "does not follow", before any softmax.</param>
public readonly record struct BertPreTrainingScores(Tensor Tokens, Tensor NextSentence);

/// <summary>The losses of BERT's two tasks.</summary>
/// <param name="Total">Their sum: what training makes small.</param>
/// <param name="Tokens">Of the hidden tokens, a mean; 0 where there are none.</param>
/// <param name="NextSentence">Of the sentences, a mean.</param>
/// <param name="NextSentenceScores">(B, 2), for the accuracy.</param>
public readonly record struct BertPreTrainingLoss(Tensor Total, Tensor Tokens, Tensor NextSentence, Tensor NextSentenceScores);
