namespace Engine.Layers;

/// <summary>What BERT's parameters are called in Hugging Face's files: as here, but for those of the encoder's layers.</summary>
internal static class BertNames
{
    private const string Layer = "encoder.layers.", Theirs = "encoder.layer.";

    /// <summary>A layer's parameters here, and their names there.</summary>
    private static readonly Dictionary<string, string[]> OfLayer = new()
    {
        ["self_attn.in_proj_weight"] = ["attention.self.query.weight", "attention.self.key.weight", "attention.self.value.weight"],
        ["self_attn.in_proj_bias"] = ["attention.self.query.bias", "attention.self.key.bias", "attention.self.value.bias"],
        ["self_attn.out_proj.weight"] = ["attention.output.dense.weight"],
        ["self_attn.out_proj.bias"] = ["attention.output.dense.bias"],
        ["norm1.weight"] = ["attention.output.LayerNorm.weight"],
        ["norm1.bias"] = ["attention.output.LayerNorm.bias"],
        ["linear1.weight"] = ["intermediate.dense.weight"],
        ["linear1.bias"] = ["intermediate.dense.bias"],
        ["linear2.weight"] = ["output.dense.weight"],
        ["linear2.bias"] = ["output.dense.bias"],
        ["norm2.weight"] = ["output.LayerNorm.weight"],
        ["norm2.bias"] = ["output.LayerNorm.bias"],
    };

    public static PretrainedNames Names { get; } = new()
    {
        Prefix = "bert.",
        Of = NamesOf,
        Modern = name => name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal).Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal),
        PassedOver = name => name is "embeddings.position_ids" or "embeddings.token_type_ids",
        Tied = new Dictionary<string, string>
        {
            ["cls.predictions.decoder.weight"] = "embeddings.word_embeddings.weight",
            ["cls.predictions.decoder.bias"] = "cls.predictions.bias",
        },
        // The pooler too: models of masked tokens alone are saved without it.
        MayBeDrawn = path => !path.Contains("embeddings.", StringComparison.Ordinal) && !path.Contains(Layer, StringComparison.Ordinal),
        Sizes = new Dictionary<string, string>
        {
            ["embeddings.word_embeddings.weight"] = "vocab_size, hidden_size",
            ["embeddings.position_embeddings.weight"] = "max_position_embeddings, hidden_size",
            ["embeddings.token_type_embeddings.weight"] = "type_vocab_size, hidden_size",
            ["cls.predictions.bias"] = "vocab_size",
            ["classifier.weight"] = "number of labels, hidden_size",
            ["classifier.bias"] = "number of labels",
        },
    };

    private static PretrainedWeight NamesOf(string path)
    {
        int at = path.IndexOf(Layer, StringComparison.Ordinal);
        if (at < 0) return new([path]);
        int dot = path.IndexOf('.', at + Layer.Length);
        string layer = path[..at] + Theirs + path[(at + Layer.Length)..(dot + 1)];
        return new([.. OfLayer[path[(dot + 1)..]].Select(name => layer + name)]);
    }
}
