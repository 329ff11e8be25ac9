using Engine.Core;

namespace Engine.Layers;

/// <summary>The head that guesses tokens: norm(activation(W·x + b)), then a score for each token by the product with its vector, and a bias.</summary>
internal sealed class BertPredictions : Layer
{
    /// <summary>The label of a token that is not to be guessed.</summary>
    public const int NoLabel = -100;

    private readonly Sequential transform;
    private readonly Parameter bias, words;

    /// <param name="config">Sizes.</param>
    /// <param name="words">The tokens' vectors, (V, W), which are another layer's.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="init">How.</param>
    public BertPredictions(BertConfig config, Parameter words, Rng rng, Init init)
    {
        this.words = Register("weight", words);
        bias = NewParameter("bias", Tensor.Zeros([config.VocabularySize]));
        transform = Register("transform", new Sequential
        {
            { "dense", new Linear(config.HiddenSize, config.HiddenSize, rng, config.Activation, init: init) },
            { "LayerNorm", new LayerNorm(config.HiddenSize, config.LayerNormEpsilon) },
        });
    }

    /// <summary>The scores at some places alone: (M, V).</summary>
    /// <param name="hidden">(B, T, W).</param>
    /// <param name="places">Int32, (M), row · T + column.</param>
    /// <param name="pass">The pass.</param>
    public Tensor At(Tensor hidden, Tensor places, Pass pass) => Forward(Rows(hidden, places), pass);

    /// <summary>The mean over the tokens to be guessed of −log softmax(scores)[label]; 0 where there are none.</summary>
    /// <param name="hidden">(B, T, W).</param>
    /// <param name="labels">Int32, (B, T), <see cref="NoLabel"/> where there is nothing to guess; with places (M).</param>
    /// <param name="places">Int32, (M), row · T + column; null where the labels tell.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Loss(Tensor hidden, Tensor labels, Tensor? places, Pass pass) => Within(pass, () =>
    {
        if (places is null) (places, labels) = Labelled(hidden, labels);
        else if (places.Rank != 1 || labels.Shape != places.Shape) throw new ShapeException($"the places {places.Shape} and the labels {labels.Shape} must be (M) and (M), one label a place.");
        // Where nothing is hidden, one row that does not count: the loss is 0, and its gradients.
        if (places.Count == 0) (places, labels) = (Tensor.From([0], [1], hidden.Device), Tensor.From([NoLabel], [1], hidden.Device));
        return transform.Forward(Rows(hidden, places), pass.WithLengths(null)).LinearCrossEntropy(words, bias, labels, NoLabel);
    }, y => y);

    protected override Tensor Compute(Tensor x, Pass pass) => transform.Forward(x, pass.WithLengths(null)).MatMul(words, bias, transposeOther: true);

    private static Tensor Rows(Tensor hidden, Tensor places) => hidden.Reshape(-1, hidden.Shape[-1]).GatherRows(places);

    private static (Tensor Places, Tensor Labels) Labelled(Tensor hidden, Tensor labels)
    {
        if (labels.Shape != new Shape(hidden.Shape[0], hidden.Shape[1])) throw new ShapeException($"the labels {labels.Shape} must be ({hidden.Shape[0]}, {hidden.Shape[1]}), one for each token, {NoLabel} where there is nothing to guess.");
        int[] all = labels.ToArray<int>();
        int[] places = [.. Enumerable.Range(0, all.Length).Where(i => all[i] != NoLabel)], kept = [.. places.Select(i => all[i])];
        return (Tensor.From(places, [places.Length], hidden.Device), Tensor.From(kept, [kept.Length], hidden.Device));
    }
}
