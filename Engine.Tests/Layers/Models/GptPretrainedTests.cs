using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Models;

public class GptPretrainedTests
{
    private const int Tokens = 11, Positions = 9, Width = 12, Blocks = 2, Heads = 3, Inner = 20;
    private const string Config = """
        {"model_type": "gpt2", "vocab_size": 11, "n_positions": 9, "n_ctx": 9, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 20, "activation_function": "gelu_new",
         "layer_norm_epsilon": 1e-05, "bos_token_id": 10, "eos_token_id": 10, "resid_pdrop": 0.2, "embd_pdrop": 0.1, "attn_pdrop": 0.3, "task_specific_params": {"text-generation": {}}}
        """;
    private static readonly int[] Text = [3, 1, 4, 1, 5, 9, 2];

    /// <summary>Hugging Face's names without the prefix, and its shapes.</summary>
    private static readonly (string Name, int[] Shape)[] Theirs =
    [
        ("wte.weight", [Tokens, Width]), ("wpe.weight", [Positions, Width]),
        .. Enumerable.Range(0, Blocks).SelectMany(layer => new (string, int[])[]
        {
            ($"h.{layer}.ln_1.weight", [Width]), ($"h.{layer}.ln_1.bias", [Width]),
            ($"h.{layer}.attn.c_attn.weight", [Width, 3 * Width]), ($"h.{layer}.attn.c_attn.bias", [3 * Width]),
            ($"h.{layer}.attn.c_proj.weight", [Width, Width]), ($"h.{layer}.attn.c_proj.bias", [Width]),
            ($"h.{layer}.ln_2.weight", [Width]), ($"h.{layer}.ln_2.bias", [Width]),
            ($"h.{layer}.mlp.c_fc.weight", [Width, Inner]), ($"h.{layer}.mlp.c_fc.bias", [Inner]),
            ($"h.{layer}.mlp.c_proj.weight", [Inner, Width]), ($"h.{layer}.mlp.c_proj.bias", [Width]),
        }),
        ("ln_f.weight", [Width]), ("ln_f.bias", [Width]),
    ];

    private static Dictionary<string, Tensor> Drawn()
    {
        var rng = new Rng(5);
        return Theirs.ToDictionary(t => t.Name, t => Tensor.Normal(t.Shape, rng, t.Name.Contains("ln_") && t.Name.EndsWith("weight") ? 1 : 0, 0.4));
    }

    private static void Write(string folder, IEnumerable<KeyValuePair<string, Tensor>> tensors, string config = Config)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        Safetensors.Save(Path.Combine(folder, "model.safetensors"), tensors);
    }

    private static float[] Logits(Gpt gpt) => gpt.Predict(Tensor.From(Text, [1, Text.Length])).ToArray();

    [Test]
    public void AFolderOfHuggingFace_ComputesWhatTheFormulaSays([Values("", "transformer.")] string prefix, [Values] bool old)
    {
        using var folder = new TemporaryFolder();
        var drawn = Drawn();
        var written = drawn.ToDictionary(t => prefix + t.Key, t => t.Value);
        if (old)
        {
            written["lm_head.weight"] = drawn["wte.weight"];
            for (int layer = 0; layer < Blocks; layer++)
            {
                written[$"{prefix}h.{layer}.attn.bias"] = Tensor.Ones([1, 1, Positions, Positions]).Cast(DType.UInt8);
                written[$"{prefix}h.{layer}.attn.masked_bias"] = Tensor.Scalar(-1e4);
            }
        }
        Write(folder.Path, written);
        var gpt = Gpt.FromPretrained(folder.Path);
        Assert.That(gpt.Loaded!.LeftOver, Is.Empty);
        Assert.That(gpt.Loaded.Drawn, Is.Empty);
        Assert.That(gpt.Config, Is.EqualTo(new GptConfig
        {
            VocabularySize = Tokens,
            Positions = Positions,
            Width = Width,
            Layers = Blocks,
            Heads = Heads,
            Inner = Inner,
            ResidualDropout = 0.2,
            EmbeddingDropout = 0.1,
            AttentionDropout = 0.3,
            EndToken = 10,
        }));
        var plain = new PlainGpt(drawn.ToDictionary(t => t.Key, t => (t.Value.Shape.Sizes.ToArray(), t.Value.ToArray<double>())), Width, Blocks, Heads, 1e-5);
        Assert.That(Logits(gpt).Select(l => (double)l), Is.EqualTo(plain.Logits(Text).SelectMany(l => l)).Within(2e-5));
    }

    [Test]
    public void ARoundTrip_GivesTheSameBits_UnderHuggingFacesNames([Values] bool bias, [Values] bool tied)
    {
        using var folder = new TemporaryFolder();
        var config = new GptConfig { VocabularySize = Tokens, Positions = Positions, Width = Width, Layers = Blocks, Heads = Heads, Inner = Inner, Bias = bias, TiedHead = tied, Dropout = 0, EndToken = 3 };
        var gpt = new Gpt(config, new Rng(1));
        gpt.SavePretrained(folder.Path);
        using (var file = SafetensorsFile.Open(Path.Combine(folder.Path, "model.safetensors")))
        {
            var expected = Theirs.Where(t => bias || !t.Name.EndsWith(".bias", StringComparison.Ordinal)).Select(t => ($"transformer.{t.Name}", string.Join(", ", t.Shape)));
            if (!tied) expected = expected.Append(("lm_head.weight", $"{Tokens}, {Width}"));
            Assert.That(file.Names.Select(name => (name, string.Join(", ", file[name].Sizes))), Is.EquivalentTo(expected));
            // (in, out): queries stand in the first columns.
            float[] theirs = file.Read("transformer.h.1.attn.c_attn.weight").ToArray(), ours = gpt.NamedParameters().Single(p => p.Key == "h.layers.1.self_attn.in_proj_weight").Value.Value.ToArray();
            for (int i = 0; i < Width; i++)
                for (int o = 0; o < 3 * Width; o++) Assert.That(theirs[i * 3 * Width + o], Is.EqualTo(ours[o * Width + i]));
        }
        var read = Gpt.FromPretrained(folder.Path);
        Assert.That(read.Config, Is.EqualTo(config));
        Assert.That(read.State().Select(s => s.Key), Is.EqualTo(gpt.State().Select(s => s.Key)));
        foreach (var (ours, theirs) in gpt.State().Zip(read.State())) Assert.That(theirs.Value.Value.ToArray(), Is.EqualTo(ours.Value.Value.ToArray()), ours.Key);
        Assert.That(Logits(read), Is.EqualTo(Logits(gpt)));
        Assert.That(read.Generate([1], new GenerationOptions { MaxTokens = 8, Seed = 2 }), Is.EqualTo(gpt.Generate([1], new GenerationOptions { MaxTokens = 8, Seed = 2 })));
    }

    [TestCase(DType.Float16, 1e-3)]
    [TestCase(DType.BFloat16, 1e-2)]
    public void AFolderOfHalfTheSize_ScoresWithinItsPrecision(DType dtype, double within)
    {
        using var folder = new TemporaryFolder();
        var gpt = new Gpt(new GptConfig { VocabularySize = Tokens, Positions = Positions, Width = Width, Layers = Blocks, Heads = Heads, InitializerRange = 0.3 }, new Rng(1));
        gpt.SavePretrained(folder.Path, dtype);
        float[] expected = Logits(gpt), found = Logits(Gpt.FromPretrained(folder.Path));
        Assert.That(found, Is.EqualTo(expected).Within(within * expected.Max(Math.Abs)));
        Assert.That(found, Is.Not.EqualTo(expected));
    }

    [Test]
    public void AModelThatWasLoaded_Trains()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, Drawn());
        var gpt = Gpt.FromPretrained(folder.Path);
        var optimizer = new AdamW(ParameterGroups.DecayOfWeights(gpt), 1e-2);
        var ids = Tensor.From(Text[..6], [1, 6]);
        var targets = Tensor.From(Text[1..], [1, 6]);
        double Step()
        {
            optimizer.ZeroGrad();
            var loss = gpt.Loss(gpt.Hidden(ids, Pass.Train(new Rng(1))), targets);
            loss.Backward();
            optimizer.Step();
            return loss.Item();
        }

        double first = Step();
        for (int i = 0; i < 20; i++) Step();
        Assert.That(Step(), Is.LessThan(first / 2));
    }

    [TestCase("\"gelu_new\"", "\"swiglu\"", "activation_function")]
    [TestCase("\"n_head\": 3", "\"n_head\": 5", "n_head")]
    [TestCase("\"n_embd\": 12", "\"n_embd\": 0", "n_embd")]
    [TestCase("\"n_layer\": 2", "\"n_layer\": 1000000000", "n_layer")]
    [TestCase("\"eos_token_id\": 10", "\"eos_token_id\": 11", "eos_token_id")]
    [TestCase("\"gpt2\"", "\"bert\"", "model_type")]
    [TestCase("\"n_ctx\": 9", "\"scale_attn_weights\": false", "scale_attn_weights")]
    [TestCase("\"n_ctx\": 9", "\"scale_attn_by_inverse_layer_idx\": true", "scale_attn_by_inverse_layer_idx")]
    [TestCase("\"n_ctx\": 9", "\"add_cross_attention\": true", "add_cross_attention")]
    [TestCase("\"resid_pdrop\": 0.2", "\"resid_pdrop\": 1.5", "resid_pdrop")]
    public void AConfigThatIsNotOurs_NamesTheField(string from, string to, string field)
    {
        using var folder = new TemporaryFolder();
        Assert.That(Config, Does.Contain(from));
        Write(folder.Path, Drawn(), Config.Replace(from, to));
        Assert.That(() => Gpt.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Property("Parameter").EqualTo(field).And.Message.Contains("config.json"));
    }

    [TestCase("\"n_embd\": 12", "\"n_embd\": 600000000")]
    [TestCase("\"n_inner\": 20", "\"n_inner\": 1500000000")]
    [TestCase("\"n_embd\": 12, \"n_layer\": 2, \"n_head\": 3, \"n_inner\": 20", "\"n_embd\": 600000000, \"n_head\": 3")]
    [TestCase("\"vocab_size\": 11", "\"vocab_size\": 2147483647")]
    [TestCase("\"n_positions\": 9", "\"n_positions\": 2147483647")]
    public void AConfigOfAHugeModel_TakesNoMemoryForIt(string from, string to)
    {
        using var folder = new TemporaryFolder();
        Assert.That(Config, Does.Contain(from));
        Write(folder.Path, Drawn(), Config.Replace(from, to));
        Assert.That(() => Gpt.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("its sizes make a model of").And.Message.Contains("config.json"));
    }

    [Test]
    public void AWidthOfWhichFourTimesWouldWrap_IsRefused()
        => Assert.That(() => new Gpt(new GptConfig { Width = 600_000_000, Heads = 1, Layers = 1 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(nameof(GptConfig.Width)));

    [TestCase("{}", 50256)]
    [TestCase("{\"eos_token_id\": null}", null)]
    [TestCase("{\"vocab_size\": 50257}", 50256)]
    [TestCase("{\"vocab_size\": 50256}", null)]
    [TestCase("{\"eos_token_id\": 7}", 7)]
    public void TheEndToken_IsGpt2sWhereTheConfigSaysNothing(string config, int? end)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), config);
        Assert.That(GptConfig.Read(folder.Path).EndToken, Is.EqualTo(end));
    }

    [Test]
    public void AVocabularyThatDoesNotFit_IsNamed()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, Drawn());
        File.WriteAllText(folder.File("vocab.json"), $$"""{"a": 0, "b": {{Tokens - 1}} }""");
        Assert.That(() => Gpt.FromPretrained(folder.Path), Throws.Nothing);
        File.WriteAllText(folder.File("vocab.json"), $$"""{"a": 0, "b": {{Tokens}} }""");
        Assert.That(() => Gpt.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("vocab.json").And.Message.Contains("vocab_size"));
    }

    [Test]
    public void WeightsThatDoNotFit_AreListed()
    {
        using var folder = new TemporaryFolder();
        var drawn = Drawn();
        drawn.Remove("h.1.ln_2.bias");
        drawn["h.0.mlp.c_fc.weight"] = Tensor.Zeros([Inner, Width]);    // as torch.nn.Linear has it
        Write(folder.Path, drawn, Config.Replace("\"vocab_size\": 11", "\"vocab_size\": 12"));
        Assert.That(() => Gpt.FromPretrained(folder.Path), Throws.TypeOf<WeightsException>().With.Message.Contains("h.1.ln_2.bias").And.Message.Contains("h.0.mlp.c_fc.weight is (20, 12)")
            .And.Message.Contains("wte.weight is (11, 12)").And.Message.Contains("vocab_size"));
    }
}
