using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public sealed partial class Gpt
{
    /// <summary>Where each parameter of a block stands: Hugging Face's Conv1D has weights (in, out).</summary>
    private static readonly (string Own, string Theirs, bool Transposed)[] OfABlock =
    [
        ("norm1.", "ln_1.", false), ("self_attn.in_proj_", "attn.c_attn.", true), ("self_attn.out_proj.", "attn.c_proj.", true),
        ("norm2.", "ln_2.", false), ("linear1.", "mlp.c_fc.", true), ("linear2.", "mlp.c_proj.", true),
    ];

    private static PretrainedNames Names(GptConfig config) => new()
    {
        Of = Place,
        Prefix = "transformer.",
        // Masks that older files hold beside the weights.
        PassedOver = name => name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal),
        Tied = config.TiedHead ? new Dictionary<string, string> { ["lm_head.weight"] = "wte.weight" } : new Dictionary<string, string>(),
        Sizes = new Dictionary<string, string> { ["wte.weight"] = "vocab_size, n_embd", ["wpe.weight"] = "n_positions, n_embd" },
    };

    /// <summary>What became of the folder's parameters; null for a model that was not loaded.</summary>
    public LoadReport? Loaded { get; private set; }

    /// <summary>Reads a GPT-2 in Hugging Face's form: config.json and model.safetensors, or its shards, with the names of GPT2LMHeadModel or of GPT2Model.</summary>
    /// <param name="folder">The folder. What is in it is data, and nothing of it is run.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <exception cref="PretrainedException">A file is missing or not valid, or asks for what the engine does not have.</exception>
    /// <exception cref="SafetensorsException">The weights are not valid.</exception>
    /// <exception cref="WeightsException">A parameter is missing, or of another shape or type; all that are are listed.</exception>
    public static Gpt FromPretrained(string folder, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var config = GptConfig.Read(folder);
        using var files = new PretrainedFolder(folder);
        files.RequireRoom(config.Numbers);
        var model = new Gpt(config, new Rng(0), Init.Unset, Init.Unset);
        model.Loaded = files.Load(model, Names(config), null);
        return device is null ? model : model.To(device);
    }

    /// <summary>Writes config.json and model.safetensors as Hugging Face's GPT2LMHeadModel reads them; without biases, as <see cref="FromPretrained"/> does.</summary>
    /// <param name="folder">Made if it is not there. Links in it, as in a cache, are replaced, and what they lead to stays as it is.</param>
    /// <param name="dtype">What numbers are written in: Float32, Float16 or BFloat16.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is another type.</exception>
    /// <exception cref="ArgumentException">Hugging Face has no name for the activation.</exception>
    /// <exception cref="IOException">A file could not be written; what was there before is unchanged.</exception>
    public void SavePretrained(string folder, DType dtype = DType.Float32)
    {
        _ = PretrainedActivations.NameOf(Config.Activation);        // before anything is written
        PretrainedFolder.Save(folder, this, Names(Config), dtype, Config.Write);
    }

    private static PretrainedWeight Place(string path)
    {
        if (path.StartsWith("h.norm.", StringComparison.Ordinal)) return new([$"transformer.ln_f.{path["h.norm.".Length..]}"]);
        if (!path.StartsWith("h.layers.", StringComparison.Ordinal)) return new([path.StartsWith("lm_head.", StringComparison.Ordinal) ? path : $"transformer.{path}"]);
        string within = path["h.layers.".Length..];
        int dot = within.IndexOf('.');
        string number = within[..dot], rest = within[(dot + 1)..];
        var (own, theirs, transposed) = OfABlock.First(part => rest.StartsWith(part.Own, StringComparison.Ordinal));
        return new([$"transformer.h.{number}.{theirs}{rest[own.Length..]}"], transposed);
    }
}
