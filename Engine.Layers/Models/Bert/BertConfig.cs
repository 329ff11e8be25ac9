using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A BERT's sizes and settings, as config.json has them. Left alone, those of BERT-base, uncased.</summary>
/// <remarks>Source: Devlin, Chang, Lee and Toutanova 2019, arXiv:1810.04805; the fields' names and defaults are Hugging Face's BertConfig.</remarks>
public sealed partial record BertConfig
{
    /// <summary>vocab_size: how many tokens there are.</summary>
    public int VocabularySize { get; init; } = 30_522;

    /// <summary>hidden_size: numbers of a position between layers.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>num_hidden_layers.</summary>
    public int HiddenLayers { get; init; } = 12;

    /// <summary>num_attention_heads, which divides <see cref="HiddenSize"/>.</summary>
    public int AttentionHeads { get; init; } = 12;

    /// <summary>intermediate_size: units of each layer's feed-forward part.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>hidden_act: of the feed-forward parts and the masked-token head. One of gelu, gelu_new (by tanh), relu and silu.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>hidden_dropout_prob: the share dropped after the embeddings and after each part of a layer.</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>attention_probs_dropout_prob: the share of attention's weights that is dropped.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>classifier_dropout: the share dropped before a classifier; <see cref="HiddenDropout"/> unless set.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>max_position_embeddings: tokens of a sequence at most.</summary>
    public int MaxPositions { get; init; } = 512;

    /// <summary>type_vocab_size: kinds of segments; the first sentence is 0, the second 1.</summary>
    public int TypeVocabularySize { get; init; } = 2;

    /// <summary>layer_norm_eps.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>initializer_range: the deviation that weights are drawn with.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>pad_token_id: the token whose vector is 0 at first, and gets no gradient from where it stands; null for none.</summary>
    public int? PaddingToken { get; init; } = 0;

    /// <summary>id2label: what the classes of a classifier are called, and so how many they are.</summary>
    public IReadOnlyList<string> Labels { get; init; } = NumberedLabels(2);

    /// <summary>2 layers of 128, the smallest of those published. Source: Turc et al. 2019, arXiv:1908.08962.</summary>
    public static BertConfig Tiny { get; } = new() { HiddenSize = 128, HiddenLayers = 2, AttentionHeads = 2, IntermediateSize = 512 };

    /// <summary>4 layers of 256. Source: Turc et al. 2019, arXiv:1908.08962.</summary>
    public static BertConfig Mini { get; } = new() { HiddenSize = 256, HiddenLayers = 4, AttentionHeads = 4, IntermediateSize = 1024 };

    /// <summary>12 layers of 768.</summary>
    public static BertConfig Base { get; } = new();

    /// <summary>24 layers of 1,024.</summary>
    public static BertConfig Large { get; } = new() { HiddenSize = 1024, HiddenLayers = 24, AttentionHeads = 16, IntermediateSize = 4096 };

    /// <summary>LABEL_0, LABEL_1, …: Hugging Face's names for classes without any.</summary>
    /// <param name="count">How many.</param>
    public static IReadOnlyList<string> NumberedLabels(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")];
    }

    /// <summary>"4 layers of 256, 4 heads, inner=1024, vocabulary 30522, 512 positions".</summary>
    public override string ToString()
        => FormattableString.Invariant($"{HiddenLayers} layers of {HiddenSize}, {AttentionHeads} heads, inner={IntermediateSize}, vocabulary {VocabularySize}, {MaxPositions} positions");

    /// <summary>About how many numbers a model has.</summary>
    internal double Numbers
        => (double)HiddenSize * ((double)VocabularySize + MaxPositions + TypeVocabularySize) + (double)HiddenLayers * HiddenSize * (4.0 * HiddenSize + 2.0 * IntermediateSize);

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    internal void Require()
    {
        foreach (var (size, name) in new[]
        {
            (VocabularySize, nameof(VocabularySize)), (HiddenSize, nameof(HiddenSize)), (HiddenLayers, nameof(HiddenLayers)), (AttentionHeads, nameof(AttentionHeads)),
            (IntermediateSize, nameof(IntermediateSize)), (MaxPositions, nameof(MaxPositions)), (TypeVocabularySize, nameof(TypeVocabularySize)), (Labels.Count, nameof(Labels)),
        })
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, name);
        foreach (var (share, name) in new[] { (HiddenDropout, nameof(HiddenDropout)), (AttentionDropout, nameof(AttentionDropout)), (ClassifierDropout ?? 0, nameof(ClassifierDropout)) })
            if (!(share >= 0 && share < 1)) throw new ArgumentOutOfRangeException(name, share, "A probability to drop is in [0, 1).");
        foreach (var (number, name) in new[] { (LayerNormEpsilon, nameof(LayerNormEpsilon)), (InitializerRange, nameof(InitializerRange)) })
            if (!(number >= 0 && double.IsFinite(number))) throw new ArgumentOutOfRangeException(name, number, "It is 0 or more, and finite.");
        if (HiddenSize % AttentionHeads != 0) throw new ArgumentException($"{AttentionHeads} heads do not divide a width of {HiddenSize}. Choose a divisor.");
        if (PaddingToken is { } token && (uint)token >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(PaddingToken), token, $"It is one of the tokens 0..{VocabularySize - 1}.");
    }
}
