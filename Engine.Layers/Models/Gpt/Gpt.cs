using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>GPT-2: a transformer that tells at each place of a text which token comes next.</summary>
/// <remarks><para>x = wte[token] + wpe[place]; each block x ← x + attention(norm(x)), x ← x + linear2(gelu(linear1(norm(x)))), attention looking back alone;
/// then a norm, and logits = x·wteᵀ.</para>
/// <para>Newly drawn: weights normal with the deviation 0.02, those whose products are added to x smaller by √(2·layers), biases 0. To train,
/// <c>new Trainer(gpt, optimizer, gpt.Loss) { Compute = (batch, pass) => gpt.Hidden(batch.Inputs, pass) }</c>; <see cref="Generation"/> lets it write.</para>
/// <para>Sources: Radford et al. 2019, "Language models are unsupervised multitask learners"; Press and Wolf 2017, arXiv:1608.05859, for the tied head.</para></remarks>
public sealed partial class Gpt : Layer, ILanguageModel
{
    private readonly Embedding tokens;
    private readonly LearnedPositions positions;
    private readonly TransformerEncoder blocks;
    private readonly Parameter head;

    /// <summary>A model with numbers newly drawn.</summary>
    /// <param name="config">Its sizes and form.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width, or the end token is none of the vocabulary.</exception>
    public Gpt(GptConfig config, Rng rng) : this(config, rng, Drawn(config, 1), Drawn(config, 2.0 * config.Layers)) { }

    private Gpt(GptConfig config, Rng rng, Init init, Init residualInit)
    {
        ArgumentNullException.ThrowIfNull(rng);
        config.Require();
        Config = config;
        tokens = Register("wte", new Embedding(config.VocabularySize, config.Width, rng, init: init));
        positions = Register("wpe", new LearnedPositions(config.Positions, config.Width, rng, init: init));
        blocks = Register("h", new TransformerEncoder(new TransformerLayerSettings
        {
            Width = config.Width,
            Heads = config.Heads,
            Inner = config.InnerUnits,
            Activation = config.Activation,
            NormFirst = true,
            Causal = true,
            Dropout = config.ResidualDropout,
            AttentionDropout = config.AttentionDropout,
            InnerDropout = 0,
            Epsilon = config.Epsilon,
            Bias = config.Bias,
            Init = init,
            ResidualInit = residualInit,
        }, config.Layers, rng));
        head = config.TiedHead ? tokens.Parameters[0] : Register("lm_head", new Linear(config.Width, config.VocabularySize, rng, bias: false, init: init)).Parameters[0];
    }

    private static Init Drawn(GptConfig config, double parts)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Init.Normal(0, config.InitializerRange / Math.Sqrt(parts));
    }

    /// <summary>What it was made with.</summary>
    public GptConfig Config { get; }

    /// <summary>Where its parameters are.</summary>
    public Device Device => head.Value.Device;

    int ILanguageModel.VocabularySize => Config.VocabularySize;

    int? ILanguageModel.Positions => Config.Positions;

    int? ILanguageModel.EndToken => Config.EndToken;

    /// <inheritdoc/>
    protected override string Settings => Config.ToString();

    /// <summary>What the logits are made of: the last block's result, normalised.</summary>
    /// <param name="ids">Int32, (B, T): T tokens of each of B texts.</param>
    /// <param name="pass">Whether this is training; its lengths tell how many tokens of each text count as seen.</param>
    /// <param name="cache">What was read before; the tokens stand behind it.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ShapeException">The ids are not (B, T), or texts would have more tokens than there are positions.</exception>
    /// <exception cref="IndexException">A token is past the vocabulary.</exception>
    public Tensor Hidden(Tensor ids, Pass pass, KeyValueCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Within(pass, () => Through(ids, pass, cache), y => y);
    }

    /// <summary>What may follow the last of these tokens.</summary>
    /// <returns>Logits, (B, vocabulary).</returns>
    /// <inheritdoc cref="Hidden"/>
    public Tensor Next(Tensor ids, Pass pass, KeyValueCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Within(pass, () => Logits(Through(ids, pass, cache)[.., ^1]), y => y);
    }

    /// <summary>The mean of −ln p(target) over all places.</summary>
    /// <param name="hidden">(B, T, width), what <see cref="Hidden"/> gave. Where there are many tokens, the logits of all places are never there at once.</param>
    /// <param name="targets">Int32, (B, T): the token that comes next at each place; −100 where none counts.</param>
    public Tensor Loss(Tensor hidden, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(targets);
        return hidden.LinearCrossEntropy(head, null, targets);
    }

    /// <summary>An empty cache for <see cref="Hidden"/>.</summary>
    /// <param name="batch">Texts side by side.</param>
    /// <param name="room">Tokens at most.</param>
    public KeyValueCache NewCache(int batch, int room) => blocks.NewCache(batch, room);

    /// <inheritdoc/>
    public ITextMemory Begin(int capacity) => new GptMemory(this, capacity);

    /// <summary>Logits of the next token at each place, (B, T, vocabulary).</summary>
    /// <inheritdoc cref="Hidden"/>
    protected override Tensor Compute(Tensor x, Pass pass) => Logits(Through(x, pass, null));

    private Tensor Logits(Tensor hidden) => hidden.MatMul(head, transposeOther: true);

    private Tensor Through(Tensor ids, Pass pass, KeyValueCache? cache)
    {
        if (ids.Rank != 2 || ids.Shape[1] == 0) throw new ShapeException($"the ids {ids.Shape} must be (B, T), with one token at least.");
        var x = positions.Run(tokens.Forward(ids, pass), pass, cache?.Length ?? 0);
        if (pass.Training && Config.EmbeddingDropout > 0) x = x.Dropout(Config.EmbeddingDropout, pass.Rng);
        return blocks.Run(x, pass, cache: cache);
    }
}
