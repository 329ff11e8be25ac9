using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A BERT, with or without a head, that is read from a folder in Hugging Face's form and written to one.</summary>
public abstract class PretrainedBert : Layer
{
    private protected PretrainedBert(BertConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Require();
        Config = config;
    }

    /// <summary>Its sizes and settings.</summary>
    public BertConfig Config { get; }

    /// <summary>What became of the folder's parameters; null for a model that was not loaded.</summary>
    public LoadReport? Loaded { get; private set; }

    /// <inheritdoc/>
    protected override string Settings => Config.ToString();

    /// <summary>Writes config.json and model.safetensors, which Hugging Face's from_pretrained and FromPretrained read; each whole or not at all.</summary>
    /// <param name="folder">Made if it is not there. Links in it, as in a cache, are replaced, and what they lead to stays as it is.</param>
    /// <param name="dtype">What numbers are written in: Float32, Float16 or BFloat16.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is another type.</exception>
    /// <exception cref="IOException">A file could not be written; what was there before is unchanged.</exception>
    public void SavePretrained(string folder, DType dtype = DType.Float32)
    {
        _ = PretrainedActivations.NameOf(Config.Activation);        // before anything is written
        PretrainedFolder.Save(folder, this, BertNames.Names, dtype, json => Config.Write(json, GetType().Name));
    }

    /// <summary>Reads a model that a subclass makes.</summary>
    private protected static T Load<T>(string folder, Rng? rng, Func<BertConfig, BertConfig>? change, Device? device, Func<BertConfig, Init, T> make) where T : PretrainedBert
    {
        var config = BertConfig.Read(folder);
        if (change is not null) config = change(config);
        using var weights = new PretrainedFolder(folder);
        weights.RequireRoom(config.Numbers);
        var model = make(config, Init.Unset);
        model.Loaded = weights.Load(model, BertNames.Names, rng is null ? null : parameter =>
        {
            if (parameter.Shape.Rank > 1) parameter.CopyFrom(Drawn(config).Draw(parameter.Shape, rng));
        });
        return device is null ? model : model.To(device);
    }

    /// <summary>How weights are drawn; biases are 0, and norms' weights 1.</summary>
    private protected static Init Drawn(BertConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Init.Normal(0, config.InitializerRange);
    }

    private protected Dropout ClassifierDropout => new(Config.ClassifierDropout ?? Config.HiddenDropout);
}
