using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>BERT with the head that guesses hidden tokens.</summary>
public sealed class BertForMaskedLM : PretrainedBert
{
    private readonly BertModel bert;
    private readonly BertPredictions predictions;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <inheritdoc cref="BertModel(BertConfig, Rng, bool)"/>
    public BertForMaskedLM(BertConfig config, Rng rng) : this(config, rng, Drawn(config)) { }

    private BertForMaskedLM(BertConfig config, Rng rng, Init init) : base(config)
    {
        bert = Register("bert", new BertModel(config, rng, init, pooler: false));
        predictions = new BertPredictions(config, bert.Words, rng, init);
        Register("cls", new Sequential { { "predictions", predictions } });
    }

    /// <inheritdoc cref="BertForPreTraining.FromPretrained"/>
    public static BertForMaskedLM FromPretrained(string folder, Rng? rng = null, Func<BertConfig, BertConfig>? change = null, Device? device = null)
        => Load(folder, rng, change, device, (config, init) => new BertForMaskedLM(config, new Rng(0), init));

    /// <summary>BERT itself, without a pooler.</summary>
    public BertModel Bert => bert;

    /// <summary>A score for each token of the vocabulary at each place.</summary>
    /// <returns>(B, T, V), or (M, V) at places alone, before any softmax.</returns>
    /// <inheritdoc cref="BertForPreTraining.Forward(Tensor, Tensor, Pass, Tensor, Tensor)"/>
    public Tensor Forward(Tensor ids, Tensor? types, Pass pass, Tensor? mask = null, Tensor? places = null) => Within(pass, () =>
    {
        var hidden = bert.Forward(ids, types, pass, mask).Hidden;
        return places is null ? predictions.Forward(hidden, pass) : predictions.At(hidden, places, pass);
    }, y => y);

    /// <summary>The mean over the hidden tokens of −log softmax(scores)[label], computed at their places alone; 0 where there are none.</summary>
    /// <param name="ids">Int32, (B, T).</param>
    /// <param name="types">Int32, (B, T); null for 0 everywhere.</param>
    /// <param name="labels">Int32, (B, T): the token that was hidden, and −100 elsewhere; or with places (M).</param>
    /// <param name="pass">Whether this is training, and the lengths.</param>
    /// <param name="mask">Int32 or UInt8, (B, T), 1 for a token and 0 for padding.</param>
    /// <param name="places">Int32, (M), row · T + column: where the hidden tokens are.</param>
    /// <inheritdoc cref="BertForPreTraining.Loss" path="/exception"/>
    public Tensor Loss(Tensor ids, Tensor? types, Tensor labels, Pass pass, Tensor? mask = null, Tensor? places = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Within(pass, () => predictions.Loss(bert.Forward(ids, types, pass, mask).Hidden, labels, places, pass), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Forward(x, null, pass);
}
