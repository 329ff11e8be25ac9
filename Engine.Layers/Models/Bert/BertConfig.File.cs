using System.Globalization;
using System.Text.Json;
using Engine.Kernels;

namespace Engine.Layers;

public sealed partial record BertConfig
{
    private const int MostLabels = 1_000_000;

    /// <summary>Reads the config.json of a folder.</summary>
    /// <param name="folder">A folder in Hugging Face's form.</param>
    /// <exception cref="PretrainedException">There is none, or it asks for what the engine does not have; the message names the field. Or the vocabulary in the folder
    /// (vocab.txt, or tokenizer.json) has more tokens than it says.</exception>
    public static BertConfig Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var file = new ConfigFile(folder);
        var usual = Base;
        if (file.Text("model_type", "bert") is var type && type != "bert") throw file.Bad("model_type", $"it is '{type}', and this reads 'bert'.");
        if (file.Text("position_embedding_type", "absolute") is var positions && positions != "absolute")
            throw file.Bad("position_embedding_type", $"it is '{positions}', and BERT here has 'absolute' positions alone.");
        if (file.Flag("is_decoder", false)) throw file.Bad("is_decoder", "it is true, and BERT here is an encoder.");
        if (!file.Flag("tie_word_embeddings", true)) throw file.Bad("tie_word_embeddings", "it is false, and the masked-token head here is tied to the embeddings, as BERT's is.");
        int width = file.Int("hidden_size", usual.HiddenSize), heads = file.Int("num_attention_heads", usual.AttentionHeads), tokens = file.Int("vocab_size", usual.VocabularySize);
        if (width % heads != 0) throw file.Bad("num_attention_heads", $"it is {heads}, which does not divide hidden_size {width}.");
        int? padding = file.OptionalInt("pad_token_id", usual.PaddingToken);
        if (padding >= tokens) throw file.Bad("pad_token_id", $"it is {padding}, past the vocab_size {tokens}.");
        PretrainedVocabulary.Require(folder, tokens);
        return new BertConfig
        {
            VocabularySize = tokens,
            HiddenSize = width,
            HiddenLayers = file.Int("num_hidden_layers", usual.HiddenLayers, most: ConfigFile.MostLayers),
            AttentionHeads = heads,
            IntermediateSize = file.Int("intermediate_size", usual.IntermediateSize),
            Activation = PretrainedActivations.Read(file, "hidden_act", "gelu"),
            HiddenDropout = file.Number("hidden_dropout_prob", usual.HiddenDropout, below: 1),
            AttentionDropout = file.Number("attention_probs_dropout_prob", usual.AttentionDropout, below: 1),
            ClassifierDropout = file.OptionalNumber("classifier_dropout", below: 1),
            MaxPositions = file.Int("max_position_embeddings", usual.MaxPositions),
            TypeVocabularySize = file.Int("type_vocab_size", usual.TypeVocabularySize),
            LayerNormEpsilon = file.Number("layer_norm_eps", usual.LayerNormEpsilon),
            InitializerRange = file.Number("initializer_range", usual.InitializerRange),
            PaddingToken = padding,
            Labels = file.Numbered("id2label") ?? NumberedLabels(file.Int("num_labels", 2, most: MostLabels)),
        };
    }

    /// <summary>The fields, for a file of a model of that kind.</summary>
    internal void Write(Utf8JsonWriter json, string architecture)
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue(architecture);
        json.WriteEndArray();
        json.WriteString("model_type", "bert");
        json.WriteNumber("vocab_size", VocabularySize);
        json.WriteNumber("hidden_size", HiddenSize);
        json.WriteNumber("num_hidden_layers", HiddenLayers);
        json.WriteNumber("num_attention_heads", AttentionHeads);
        json.WriteNumber("intermediate_size", IntermediateSize);
        json.WriteString("hidden_act", PretrainedActivations.NameOf(Activation));
        json.WriteNumber("hidden_dropout_prob", HiddenDropout);
        json.WriteNumber("attention_probs_dropout_prob", AttentionDropout);
        if (ClassifierDropout is { } dropout) json.WriteNumber("classifier_dropout", dropout);
        else json.WriteNull("classifier_dropout");
        json.WriteNumber("max_position_embeddings", MaxPositions);
        json.WriteNumber("type_vocab_size", TypeVocabularySize);
        json.WriteNumber("layer_norm_eps", LayerNormEpsilon);
        json.WriteNumber("initializer_range", InitializerRange);
        if (PaddingToken is { } token) json.WriteNumber("pad_token_id", token);
        else json.WriteNull("pad_token_id");
        json.WriteStartObject("id2label");
        for (int i = 0; i < Labels.Count; i++) json.WriteString(i.ToString(CultureInfo.InvariantCulture), Labels[i]);
        json.WriteEndObject();
        json.WriteStartObject("label2id");
        foreach (var (label, i) in Labels.Select((label, i) => (label, i)).DistinctBy(l => l.label)) json.WriteNumber(label, i);
        json.WriteEndObject();
    }
}
