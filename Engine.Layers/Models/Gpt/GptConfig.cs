using System.Globalization;
using System.Text.Json;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The sizes and form of a <see cref="Gpt"/>; left alone, those of the smallest GPT-2. In words behind each, the field of config.json.</summary>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed record GptConfig
{
    /// <summary>GPT-2's end of a text, which a config.json that says nothing of one means.</summary>
    private const int Gpt2End = 50256;

    /// <summary>How many tokens there are: vocab_size.</summary>
    public int VocabularySize { get; init => field = Positive(value, nameof(VocabularySize)); } = 50257;

    /// <summary>Tokens of a text at most: n_positions.</summary>
    public int Positions { get; init => field = Positive(value, nameof(Positions)); } = 1024;

    /// <summary>Numbers of a token's vector at any place of the model: n_embd.</summary>
    public int Width { get; init => field = Positive(value, nameof(Width)); } = 768;

    /// <summary>Blocks on one another: n_layer.</summary>
    public int Layers { get; init => field = Positive(value, nameof(Layers)); } = 12;

    /// <summary>Heads of each attention, which divide the width: n_head.</summary>
    public int Heads { get; init => field = Positive(value, nameof(Heads)); } = 12;

    /// <summary>Units of a block's hidden layer; four times the width unless set: n_inner.</summary>
    public int? Inner { get; init => field = value is { } inner ? Positive(inner, nameof(Inner)) : null; }

    /// <summary>What follows the hidden layer's product: activation_function.</summary>
    public Activation Activation { get; init; } = Activation.GeluTanh;

    /// <summary>The share dropped of the vectors that go into the first block, while training: embd_pdrop.</summary>
    public double EmbeddingDropout { get; init => field = Share(value, nameof(EmbeddingDropout)); } = 0.1;

    /// <summary>The share dropped of attention's weights: attn_pdrop.</summary>
    public double AttentionDropout { get; init => field = Share(value, nameof(AttentionDropout)); } = 0.1;

    /// <summary>The share dropped of what attention and hidden layer add: resid_pdrop.</summary>
    public double ResidualDropout { get; init => field = Share(value, nameof(ResidualDropout)); } = 0.1;

    /// <summary>All three dropouts.</summary>
    public double Dropout { init => (EmbeddingDropout, AttentionDropout, ResidualDropout) = (value, value, value); }

    /// <summary>Added to each norm's variance: layer_norm_epsilon.</summary>
    public double Epsilon
    {
        get;
        init => field = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Epsilon), value, "It is 0 or more, and finite.");
    } = 1e-5;

    /// <summary>Whether linear layers and norms have biases. Hugging Face's always have; nanoGPT does without: bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the logits are made with the tokens' vectors, and not with a weight of their own: tie_word_embeddings.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>The deviation of newly drawn weights: initializer_range.</summary>
    public double InitializerRange
    {
        get;
        init => field = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(InitializerRange), value, "It is 0 or more, and finite.");
    } = 0.02;

    /// <summary>The token that ends a text; null where there is none: eos_token_id. Where config.json leaves that out it is 50256, as for Hugging Face, if the vocabulary has it.</summary>
    public int? EndToken { get; init; }

    /// <summary>Units of a block's hidden layer.</summary>
    internal int InnerUnits => Inner ?? 4 * Width;

    /// <summary>About how many numbers a model has.</summary>
    internal double Numbers
        => (double)Width * ((TiedHead ? 1.0 : 2.0) * VocabularySize + Positions) + (double)Layers * Width * (4.0 * Width + 2.0 * (Inner ?? 4.0 * Width));

    /// <exception cref="ArgumentOutOfRangeException">The end token is none of the vocabulary, or four times the width is no int.</exception>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    internal void Require()
    {
        if (Width % Heads != 0) throw new ArgumentException($"{Heads} heads do not divide a width of {Width}. Choose a divisor.", nameof(Heads));
        if (Inner is null && Width > int.MaxValue / 4) throw new ArgumentOutOfRangeException(nameof(Width), Width, $"Four times as many units are over {int.MaxValue:N0}. Take fewer.");
        if (EndToken is { } end && (uint)end >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(EndToken), end, $"It is one of the tokens 0..{VocabularySize - 1}.");
    }

    /// <summary>"65 tokens, 64 positions, 4 layers of 128, 4 heads".</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{VocabularySize} tokens, {Positions} positions, {Layers} layers of {Width}, {Heads} heads{(Bias ? "" : ", no bias")}{(TiedHead ? "" : ", head of its own")}");

    /// <summary>Reads config.json.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="PretrainedException">There is no config.json, it is not valid, or it asks for what the engine does not have; or the vocabulary in the folder
    /// (vocab.json, or tokenizer.json) has more tokens than it says.</exception>
    public static GptConfig Read(string folder)
    {
        var file = new ConfigFile(folder);
        if (file.Text("model_type", "gpt2") is not "gpt2" and var type) throw file.Bad("model_type", $"it is '{type}', and a GPT-2's is 'gpt2'.");
        if (!file.Flag("scale_attn_weights", true)) throw file.Bad("scale_attn_weights", "it is false, and scores are always divided by the root of the head size here.");
        if (file.Flag("scale_attn_by_inverse_layer_idx", false)) throw file.Bad("scale_attn_by_inverse_layer_idx", "it is true, and all layers scale their scores alike here.");
        if (file.Flag("add_cross_attention", false)) throw file.Bad("add_cross_attention", "it is true, and a GPT attends to its own text alone here.");
        int width = file.Int("n_embd", 768), heads = file.Int("n_head", 12), tokens = file.Int("vocab_size", 50257);
        if (width % heads != 0) throw file.Bad("n_head", $"it is {heads}, which does not divide n_embd, {width}.");
        int? end = file.OptionalInt("eos_token_id", tokens > Gpt2End ? Gpt2End : null);
        if (end >= tokens) throw file.Bad("eos_token_id", $"it is {end}, and vocab_size {tokens}.");
        PretrainedVocabulary.Require(folder, tokens);
        return new GptConfig
        {
            VocabularySize = tokens,
            Positions = file.Int("n_positions", file.Int("n_ctx", 1024)),
            Width = width,
            Layers = file.Int("n_layer", 12, most: ConfigFile.MostLayers),
            Heads = heads,
            Inner = file.OptionalInt("n_inner", null, least: 1),
            Activation = PretrainedActivations.Read(file, "activation_function", "gelu_new"),
            EmbeddingDropout = file.Number("embd_pdrop", 0.1, 0, 1),
            AttentionDropout = file.Number("attn_pdrop", 0.1, 0, 1),
            ResidualDropout = file.Number("resid_pdrop", 0.1, 0, 1),
            Epsilon = file.Number("layer_norm_epsilon", 1e-5),
            Bias = file.Flag("bias", true),
            TiedHead = file.Flag("tie_word_embeddings", true),
            InitializerRange = file.Number("initializer_range", 0.02),
            EndToken = end,
        };
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("model_type", "gpt2");
        json.WriteStartArray("architectures");
        json.WriteStringValue("GPT2LMHeadModel");
        json.WriteEndArray();
        foreach (var (name, value) in new[] { ("vocab_size", VocabularySize), ("n_positions", Positions), ("n_embd", Width), ("n_layer", Layers), ("n_head", Heads) }) json.WriteNumber(name, value);
        if (Inner is { } inner) json.WriteNumber("n_inner", inner);
        else json.WriteNull("n_inner");
        json.WriteString("activation_function", PretrainedActivations.NameOf(Activation));
        json.WriteNumber("embd_pdrop", EmbeddingDropout);
        json.WriteNumber("attn_pdrop", AttentionDropout);
        json.WriteNumber("resid_pdrop", ResidualDropout);
        json.WriteNumber("layer_norm_epsilon", Epsilon);
        json.WriteNumber("initializer_range", InitializerRange);
        json.WriteBoolean("tie_word_embeddings", TiedHead);
        if (!Bias) json.WriteBoolean("bias", false);
        foreach (string name in new[] { "bos_token_id", "eos_token_id" })
        {
            if (EndToken is { } end) json.WriteNumber(name, end);
            else json.WriteNull(name);
        }
    }

    private static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        return value;
    }

    private static double Share(double value, string name)
        => value >= 0 && value < 1 ? value : throw new ArgumentOutOfRangeException(name, value, "A probability to drop is in [0, 1).");
}
