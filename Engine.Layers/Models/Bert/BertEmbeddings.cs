using Engine.Core;

namespace Engine.Layers;

/// <summary>What goes into BERT's first layer: norm(token + position + segment), each a learned vector.</summary>
/// <remarks>Parts: word_embeddings, position_embeddings, token_type_embeddings, LayerNorm, as Hugging Face names them.</remarks>
internal sealed class BertEmbeddings : Layer
{
    private readonly Embedding words, types;
    private readonly LearnedPositions positions;
    private readonly LayerNorm norm;
    private readonly Dropout dropout;

    public BertEmbeddings(BertConfig config, Rng rng, Init init)
    {
        words = Register("word_embeddings", new Embedding(config.VocabularySize, config.HiddenSize, rng, config.PaddingToken, init: init));
        positions = Register("position_embeddings", new LearnedPositions(config.MaxPositions, config.HiddenSize, rng, init));
        types = Register("token_type_embeddings", new Embedding(config.TypeVocabularySize, config.HiddenSize, rng, init: init));
        norm = Register("LayerNorm", new LayerNorm(config.HiddenSize, config.LayerNormEpsilon));
        dropout = Register("dropout", new Dropout(config.HiddenDropout));
    }

    /// <summary>The tokens' vectors, (V, W).</summary>
    public Parameter Words => words.Parameters[0];

    /// <summary>(B, T) and (B, T), or null for segment 0 everywhere, to (B, T, W).</summary>
    public Tensor Embed(Tensor ids, Tensor? segments, Pass pass) => Within(pass, () =>
    {
        if (ids.Rank != 2) throw new ShapeException($"the token ids {ids.Shape} must be (B, T), a row for each sequence.");
        if (segments is not null && segments.Shape != ids.Shape) throw new ShapeException($"the segments {segments.Shape} must be {ids.Shape}, one for each token.");
        var x = positions.Forward(words.Forward(ids, pass), pass);
        x = segments is null ? norm.Forward(x + types.Parameters[0].Value[0], pass) : norm.Add(x, types.Forward(segments, pass), pass);
        return dropout.Forward(x, pass);
    }, y => y);

    protected override Tensor Compute(Tensor x, Pass pass) => Embed(x, null, pass);
}
