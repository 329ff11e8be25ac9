using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public partial class PretrainedBertTests
{
    private const string Weights = "model.safetensors", Config = "config.json", Index = "model.safetensors.index.json";

    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private static readonly string[] Embeddings =
    [
        "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight",
        "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias",
    ];

    private static readonly string[] Layer =
    [
        "attention.self.query.weight", "attention.self.query.bias", "attention.self.key.weight", "attention.self.key.bias", "attention.self.value.weight",
        "attention.self.value.bias", "attention.output.dense.weight", "attention.output.dense.bias", "attention.output.LayerNorm.weight", "attention.output.LayerNorm.bias",
        "intermediate.dense.weight", "intermediate.dense.bias", "output.dense.weight", "output.dense.bias", "output.LayerNorm.weight", "output.LayerNorm.bias",
    ];

    private static readonly string[] Pooler = ["pooler.dense.weight", "pooler.dense.bias"];

    private static readonly string[] Predictions =
    [
        "cls.predictions.bias", "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias",
    ];

    private static readonly string[] Relationship = ["cls.seq_relationship.weight", "cls.seq_relationship.bias"], Classifier = ["classifier.weight", "classifier.bias"];

    private static string[] Trunk(string prefix, bool pooler) =>
        [.. ((string[])[.. Embeddings, .. Enumerable.Range(0, 2).SelectMany(i => Layer.Select(name => $"encoder.layer.{i}.{name}")), .. pooler ? Pooler : []]).Select(name => prefix + name)];

    /// <summary>Each kind of model: how it is made, how it is read, and the names that Hugging Face's class of that name has.</summary>
    private static IEnumerable<TestCaseData> Kinds()
    {
        static TestCaseData Kind<T>(Func<BertConfig, Rng, T> make, Func<string, T> read, string[] names) where T : PretrainedBert
            => new TestCaseData((Func<PretrainedBert>)(() => SmallBert.Drawn(make(SmallBert.Config, new Rng(1)))), (Func<string, PretrainedBert>)read, names).SetArgDisplayNames(typeof(T).Name);

        yield return Kind((c, r) => new BertModel(c, r), f => BertModel.FromPretrained(f), Trunk("", true));
        yield return Kind((c, r) => new BertForPreTraining(c, r), f => BertForPreTraining.FromPretrained(f), [.. Trunk("bert.", true), .. Predictions, .. Relationship]);
        yield return Kind((c, r) => new BertForMaskedLM(c, r), f => BertForMaskedLM.FromPretrained(f), [.. Trunk("bert.", false), .. Predictions]);
        yield return Kind((c, r) => new BertForNextSentencePrediction(c, r), f => BertForNextSentencePrediction.FromPretrained(f), [.. Trunk("bert.", true), .. Relationship]);
        yield return Kind((c, r) => new BertForSequenceClassification(c, r), f => BertForSequenceClassification.FromPretrained(f), [.. Trunk("bert.", true), .. Classifier]);
        yield return Kind((c, r) => new BertForTokenClassification(c, r), f => BertForTokenClassification.FromPretrained(f), [.. Trunk("bert.", false), .. Classifier]);
        yield return Kind((c, r) => new BertForQuestionAnswering(c, r), f => BertForQuestionAnswering.FromPretrained(f), [.. Trunk("bert.", false), "qa_outputs.weight", "qa_outputs.bias"]);
    }

    [TestCaseSource(nameof(Kinds))]
    public void FromPretrained_OfWhatSavePretrainedWrote_GivesTheSameBits(Func<PretrainedBert> make, Func<string, PretrainedBert> read, string[] names)
    {
        var model = make();
        model.SavePretrained(folder.Path);
        var again = read(folder.Path);
        Assert.That(SmallBert.Numbers(again), Is.EqualTo(SmallBert.Numbers(model)));
        Assert.That(again.Loaded!.Drawn.Concat(again.Loaded.LeftOver), Is.Empty);
        Assert.That(again.Parameters.All(p => p.Trainable));
        Assert.That(again.Config with { Labels = model.Config.Labels }, Is.EqualTo(model.Config));
        Assert.That(again.Config.Labels, Is.EqualTo(model.Config.Labels));
        var ids = SmallBert.Ids(2, 9);
        Assert.That(again.Predict(ids).ToArray(), Is.EqualTo(model.Predict(ids).ToArray()));
    }

    [TestCaseSource(nameof(Kinds))]
    public void SavePretrained_WritesHuggingFacesNames(Func<PretrainedBert> make, Func<string, PretrainedBert> read, string[] names)
    {
        var model = make();
        model.SavePretrained(folder.Path);
        using var file = SafetensorsFile.Open(folder.File(Weights));
        Assert.That(file.Names, Is.EquivalentTo(names));
        Assert.That(file.Metadata["format"], Is.EqualTo("pt"));
        Assert.That(file.Names.All(n => file[n].Type == "F32"));
        string first = names[0].Replace(Embeddings[0], "encoder.layer.1.", StringComparison.Ordinal);
        float[] fused = model.NamedParameters().Single(p => p.Key.EndsWith("1.self_attn.in_proj_weight", StringComparison.Ordinal)).Value.Value.ToArray();
        Assert.That(file.Read(first + "attention.self.key.weight").ToArray(), Is.EqualTo(fused[256..512]));
        using var config = JsonDocument.Parse(File.ReadAllBytes(folder.File(Config)));
        Assert.That(config.RootElement.GetProperty("architectures")[0].GetString(), Is.EqualTo(model.GetType().Name));
        Assert.That(config.RootElement.GetProperty("hidden_act").GetString(), Is.EqualTo("gelu"));
        Assert.That(config.RootElement.GetProperty("label2id").GetProperty("so so").GetInt32(), Is.EqualTo(1));
    }

    [TestCase(DType.Float16)]
    [TestCase(DType.BFloat16)]
    public void FromPretrained_OfHalfTheBits_IsWhatACastGives(DType dtype)
    {
        var model = SmallBert.ForPreTraining();
        model.SavePretrained(folder.Path, dtype);
        using (var file = SafetensorsFile.Open(folder.File(Weights))) Assert.That(file.Names.All(n => file[n].DType == dtype));
        var again = BertForPreTraining.FromPretrained(folder.Path);
        foreach (var (path, buffer) in model.State())
            Assert.That(again.State().Single(s => s.Key == path).Value.Value.ToArray(), Is.EqualTo(buffer.Value.Cast(dtype).Cast(DType.Float32).ToArray()), path);
    }

    [Test]
    public void SavePretrained_OfAnotherType_ThrowsAndWritesNothing()
    {
        Assert.That(() => SmallBert.ForPreTraining().SavePretrained(folder.Path, DType.Int8), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty);
    }

    [Test]
    public void SavePretrained_OverTheFolderThatTheModelLivesOn_KeepsItsNumbers()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows: a mapped file cannot be replaced.");
        SmallBert.ForPreTraining().SavePretrained(folder.Path);
        var model = BertForPreTraining.FromPretrained(folder.Path);
        var before = SmallBert.Numbers(model);
        model.SavePretrained(folder.Path);
        Assert.That(SmallBert.Numbers(model), Is.EqualTo(before));
        Assert.That(SmallBert.Numbers(BertForPreTraining.FromPretrained(folder.Path)), Is.EqualTo(before));
    }

    private Dictionary<string, Tensor> Read()
    {
        using var file = SafetensorsFile.Open(folder.File(Weights));
        return file.Names.ToDictionary(name => name, name => file.Read(name).Clone());
    }

    private BertForPreTraining Saved()
    {
        var model = SmallBert.ForPreTraining();
        model.SavePretrained(folder.Path);
        return model;
    }

    private void Rewrite(Func<string, string?> rename)
    {
        var tensors = Read();
        Safetensors.Save(folder.File(Weights), tensors.Where(t => rename(t.Key) is not null).Select(t => KeyValuePair.Create(rename(t.Key)!, t.Value)));
    }

    private void Configure(string field, JsonNode? value)
    {
        var config = JsonNode.Parse(File.ReadAllText(folder.File(Config)))!.AsObject();
        config[field] = value;
        File.WriteAllText(folder.File(Config), config.ToJsonString());
    }

    private void Shard(Action<Dictionary<string, string>>? change = null)
    {
        var tensors = Read();
        File.Delete(folder.File(Weights));
        string Of(string name) => name.Contains("layer.1", StringComparison.Ordinal) ? "model-00002-of-00002.safetensors" : "model-00001-of-00002.safetensors";
        foreach (var shard in tensors.GroupBy(t => Of(t.Key))) Safetensors.Save(folder.File(shard.Key), shard);
        var map = tensors.Keys.ToDictionary(name => name, Of);
        change?.Invoke(map);
        File.WriteAllText(folder.File(Index), JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
    }

    [Test]
    public void FromPretrained_OfShards_GivesTheSameBits()
    {
        var model = Saved();
        Shard();
        Assert.That(SmallBert.Numbers(BertForPreTraining.FromPretrained(folder.Path)), Is.EqualTo(SmallBert.Numbers(model)));
    }

    [Test]
    public void FromPretrained_OfOldNames_TiedDecodersAndBuffers_GivesTheSameBits()
    {
        var model = Saved();
        Rewrite(name => name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal));
        var tensors = Read();
        tensors["bert.embeddings.position_ids"] = Tensor.From([1, 2], [1, 2]);
        tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"];
        tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"];
        Safetensors.Save(folder.File(Weights), tensors);
        var again = BertForPreTraining.FromPretrained(folder.Path);
        Assert.That(SmallBert.Numbers(again), Is.EqualTo(SmallBert.Numbers(model)));
        Assert.That(again.Loaded!.LeftOver, Is.Empty);
    }

    [Test]
    public void FromPretrained_WhereATiedParameterGoesByItsOtherNameAlone_TakesIt()
    {
        var model = Saved();
        Rewrite(name => name == "bert.embeddings.word_embeddings.weight" ? "cls.predictions.decoder.weight" : name);
        Assert.That(SmallBert.Numbers(BertForPreTraining.FromPretrained(folder.Path)), Is.EqualTo(SmallBert.Numbers(model)));
    }

    [Test]
    public void BertModel_FromAModelWithHeads_LeavesThemOver()
    {
        var model = Saved();
        var bert = BertModel.FromPretrained(folder.Path);
        Assert.That(SmallBert.Numbers(bert), Is.EqualTo(SmallBert.Numbers(model.Bert)));
        Assert.That(bert.Loaded!.LeftOver, Is.EquivalentTo(Predictions.Concat(Relationship)));
        Assert.That(bert.Loaded.ToString(), Does.Contain("left over: cls.predictions.bias"));
    }

    [Test]
    public void AModelWithAHead_FromBertAlone_DrawsItWhereThereIsAnRng_AndSaysSo()
    {
        var bert = SmallBert.Drawn(new BertModel(SmallBert.Config, new Rng(1)));
        bert.SavePretrained(folder.Path);
        var error = Assert.Throws<WeightsException>(() => BertForSequenceClassification.FromPretrained(folder.Path))!;
        Assert.That(error.Missing, Is.EquivalentTo(Classifier));
        Assert.That(error.Message, Does.Contain("rng"));
        var model = BertForSequenceClassification.FromPretrained(folder.Path, new Rng(5), c => c with { Labels = ["a", "b", "c", "d"] });
        Assert.That(model.Loaded!.Drawn, Is.EquivalentTo(Classifier));
        Assert.That(SmallBert.Numbers(model.Bert), Is.EqualTo(SmallBert.Numbers(bert)));
        var weight = model.NamedParameters().Single(p => p.Key == "classifier.weight").Value;
        Assert.That(weight.Shape, Is.EqualTo(new Shape(4, 16)));
        Assert.That(weight.Value.ToArray().Distinct().Count(), Is.GreaterThan(60));
        Assert.That(model.NamedParameters().Single(p => p.Key == "classifier.bias").Value.Value.ToArray(), Is.All.Zero);
    }

    [Test]
    public void SavePretrained_OverLinks_LeavesWhatTheyLeadTo()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows: links need a right of their own.");
        string[] names = [Config, Weights];
        Directory.CreateDirectory(folder.File("snapshot"));
        foreach (string name in names)
        {
            File.WriteAllText(folder.File(name), "a blob");
            File.CreateSymbolicLink(folder.File($"snapshot/{name}"), $"../{name}");
        }
        var model = SmallBert.ForPreTraining();
        model.SavePretrained(folder.File("snapshot"));
        foreach (string name in names) Assert.That(File.ReadAllText(folder.File(name)), Is.EqualTo("a blob"));
        Assert.That(SmallBert.Numbers(BertForPreTraining.FromPretrained(folder.File("snapshot"))), Is.EqualTo(SmallBert.Numbers(model)));
    }

    [TestCase("relu", Activation.Relu)]
    [TestCase("gelu_new", Activation.GeluTanh)]
    [TestCase("silu", Activation.Silu)]
    public void FromPretrained_OfAnotherActivation_TakesAndWritesIt(string name, Activation activation)
    {
        Saved();
        Configure("hidden_act", name);
        var model = BertForPreTraining.FromPretrained(folder.Path);
        Assert.That(model.Config.Activation, Is.EqualTo(activation));
        model.SavePretrained(folder.File("again"));
        Assert.That(BertConfig.Read(folder.File("again")).Activation, Is.EqualTo(activation));
    }

    [Test]
    public void Read_OfAConfigWithLittleInIt_TakesHuggingFacesDefaults()
    {
        File.WriteAllText(folder.File(Config), "{\"pad_token_id\": null, \"something_new\": [1]}");
        var config = BertConfig.Read(folder.Path);
        Assert.That(config with { Labels = BertConfig.Base.Labels }, Is.EqualTo(BertConfig.Base with { PaddingToken = null }));
        Assert.That(config.Labels, Is.EqualTo(new[] { "LABEL_0", "LABEL_1" }));
    }

    [Test]
    public void Training_AModelThatLivesOnItsFile_ChangesTheModelAndNotTheFile()
    {
        Saved();
        byte[] before = File.ReadAllBytes(folder.File(Weights));
        var model = BertForPreTraining.FromPretrained(folder.Path);
        var numbers = SmallBert.Numbers(model);
        var optimizer = new Adam(model.Parameters, 0.01);
        var labels = Tensor.From([.. Enumerable.Range(0, 16).Select(i => i % 3 == 0 ? i : -100)], [2, 8]);
        model.Loss(SmallBert.Ids(2, 8), SmallBert.Types(2, 8), labels, Tensor.From([0, 1], [2]), Pass.Train(new Rng(1))).Total.Backward();
        optimizer.Step();
        foreach (var (path, now) in SmallBert.Numbers(model)) Assert.That(now, Is.Not.EqualTo(numbers[path]), path);
        Assert.That(File.ReadAllBytes(folder.File(Weights)), Is.EqualTo(before));
    }

    [Test]
    public void FromPretrained_TakesMemoryForWhatIsFusedAlone()
    {
        var config = SmallBert.Config with { VocabularySize = 20_000, HiddenSize = 128, IntermediateSize = 512 };
        new BertForPreTraining(config, new Rng(1)).SavePretrained(folder.Path);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Device.Cpu.Trim();
        long before = Device.Cpu.BytesInUse;
        var model = BertForPreTraining.FromPretrained(folder.Path);
        long took = Device.Cpu.BytesInUse - before, whole = model.ParameterCount * sizeof(float), fused = 2L * 3 * 128 * (128 + 1) * sizeof(float);
        Assert.That(whole, Is.GreaterThan(10_000_000));
        Assert.That(took, Is.LessThan(fused * 3 / 2), $"of {whole:N0} bytes of weights");
        GC.KeepAlive(model);
    }
}
