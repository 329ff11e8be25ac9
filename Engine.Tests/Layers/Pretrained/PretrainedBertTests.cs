using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class PretrainedBertTests
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
    public void FromPretrained_WithAMissingShard_NamesIt()
    {
        Saved();
        Shard();
        File.Delete(folder.File("model-00002-of-00002.safetensors"));
        var error = Assert.Throws<PretrainedException>(() => BertForPreTraining.FromPretrained(folder.Path))!;
        Assert.That(error.File, Does.EndWith("model-00002-of-00002.safetensors"));
        Assert.That(error.Message, Does.Contain("missing"));
    }

    [TestCase("../other.safetensors")]
    [TestCase("/etc/other.safetensors")]
    [TestCase("C:\\other.safetensors")]
    [TestCase("within/other.safetensors")]
    [TestCase("..")]
    [TestCase("pytorch_model.bin")]
    public void FromPretrained_OfAShardThatIsNoFileOfTheFolder_OpensNothing(string shard)
    {
        Saved();
        Shard(map => map["cls.predictions.bias"] = shard);
        var error = Assert.Throws<PretrainedException>(() => BertForPreTraining.FromPretrained(folder.Path))!;
        Assert.That(error.Parameter, Is.EqualTo("cls.predictions.bias"));
        Assert.That(error.Message, Does.Contain(shard).And.Contain("nothing outside"));
    }

    [Test]
    public void FromPretrained_OfAnIndexThatNamesTheWrongShard_SaysSo()
    {
        Saved();
        Shard(map => map["cls.predictions.bias"] = "model-00002-of-00002.safetensors");
        var error = Assert.Throws<PretrainedException>(() => BertForPreTraining.FromPretrained(folder.Path))!;
        Assert.That((Path.GetFileName(error.File), error.Parameter), Is.EqualTo(("model-00002-of-00002.safetensors", "cls.predictions.bias")));
    }

    [TestCase("[]")]
    [TestCase("{\"weight_map\": 3}")]
    [TestCase("{\"weight_map\": {\"x\": 3}}")]
    [TestCase("{\"weight_map\"")]
    [TestCase("")]
    public void FromPretrained_OfAnIndexThatIsNone_IsATypedError(string index)
    {
        Saved();
        File.Delete(folder.File(Weights));
        File.WriteAllText(folder.File(Index), index);
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains(Index));
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
    public void FromPretrained_OfFilesThatDoNotFit_ListsEverything()
    {
        Saved();
        var tensors = Read();
        tensors.Remove("bert.encoder.layer.1.attention.self.key.bias");
        tensors["bert.encoder.layer.0.output.dense.weight"] = Tensor.Zeros([20, 16]);
        tensors["bert.encoder.layer.0.output.dense.bias"] = Tensor.From(new int[16], [16]);
        tensors["more"] = Tensor.Zeros([1]);
        Safetensors.Save(folder.File(Weights), tensors);
        var error = Assert.Throws<WeightsException>(() => BertForPreTraining.FromPretrained(folder.Path, new Rng(1)))!;
        Assert.That(error.File, Is.EqualTo(folder.Path));
        Assert.That(error.Missing, Is.EqualTo(new[] { "bert.encoder.layer.1.attention.self.key.bias" }), "a trunk is not drawn");
        Assert.That(error.Mismatched, Is.EqualTo(new[]
        {
            "bert.encoder.layer.0.output.dense.weight is (20, 16) F32 in the folder and (16, 20) in the model",
            "bert.encoder.layer.0.output.dense.bias is (16) I32 in the folder and (16) in the model",
        }));
    }

    [TestCase("vocab_size", 31, "bert.embeddings.word_embeddings.weight is (30, 16) F32 in the folder and (31, 16) in the model (vocab_size, hidden_size of config.json)")]
    [TestCase("max_position_embeddings", 11, "bert.embeddings.position_embeddings.weight is (12, 16) F32 in the folder and (11, 16) in the model (max_position_embeddings, hidden_size of config.json)")]
    [TestCase("type_vocab_size", 3, "type_vocab_size")]
    public void FromPretrained_OfAConfigThatDoesNotFitTheWeights_NamesTheField(string field, int value, string says)
    {
        Saved();
        Configure(field, value);
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.TypeOf<WeightsException>().With.Message.Contains(says));
    }

    [TestCase("vocab_size", int.MaxValue)]
    [TestCase("intermediate_size", 500_000_000)]
    [TestCase("max_position_embeddings", int.MaxValue)]
    public void FromPretrained_OfAConfigOfAHugeModel_TakesNoMemoryForIt(string field, int value)
    {
        Saved();
        Configure(field, value);
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("its sizes make a model of").And.Message.Contains(Config));
    }

    [Test]
    public void FromPretrained_OfAVocabularyThatDoesNotFit_SaysSo()
    {
        Saved();
        File.WriteAllLines(folder.File("vocab.txt"), Enumerable.Range(0, 30).Select(i => $"w{i}"));
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.Nothing);
        File.AppendAllText(folder.File("vocab.txt"), "one more");
        var error = Assert.Throws<PretrainedException>(() => BertForPreTraining.FromPretrained(folder.Path))!;
        Assert.That(error.Message, Does.Contain("vocab.txt").And.Contain("vocab_size").And.Contain("30"));
        Assert.That(() => BertConfig.Read(folder.Path), Throws.TypeOf<PretrainedException>());
        File.Delete(folder.File("vocab.txt"));
        void Write(int last, int added) => File.WriteAllText(folder.File("tokenizer.json"), $$"""{"model": {"vocab": {"a": 0, "b": {{last}} } }, "added_tokens": [{"id": {{added}}, "content": "c"}]}""");
        Write(29, 28);
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.Nothing);
        foreach (var (last, added) in new[] { (30, 1), (1, 30) })
        {
            Write(last, added);
            Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("tokenizer.json").And.Message.Contains("more tokens than the 30"));
        }
    }

    [TestCase("hidden_act", "\"quick_gelu\"", "quick_gelu")]
    [TestCase("hidden_act", "7", "must be a text")]
    [TestCase("model_type", "\"gpt2\"", "gpt2")]
    [TestCase("position_embedding_type", "\"relative_key\"", "relative_key")]
    [TestCase("is_decoder", "true", "encoder")]
    [TestCase("is_decoder", "1", "true or false")]
    [TestCase("tie_word_embeddings", "false", "tied")]
    [TestCase("num_attention_heads", "5", "does not divide")]
    [TestCase("num_hidden_layers", "0", "1..1000")]
    [TestCase("num_hidden_layers", "2000000000", "1..1000")]
    [TestCase("hidden_size", "16.5", "whole number")]
    [TestCase("hidden_size", "-16", "must be in")]
    [TestCase("hidden_size", "99999999999", "whole number")]
    [TestCase("hidden_dropout_prob", "1", "must be in [0, 1)")]
    [TestCase("layer_norm_eps", "\"small\"", "must be a number")]
    [TestCase("pad_token_id", "30", "past the vocab_size")]
    [TestCase("id2label", "{\"0\": \"a\", \"2\": \"b\"}", "0 to 1")]
    public void FromPretrained_OfAConfigThatCannotBe_NamesFileAndField(string field, string value, string says)
    {
        Saved();
        Configure(field, JsonNode.Parse(value));
        var error = Assert.Throws<PretrainedException>(() => BertForPreTraining.FromPretrained(folder.Path))!;
        Assert.That((error.File, error.Parameter), Is.EqualTo((folder.File(Config), field)));
        Assert.That(error.Message, Does.Contain(says).And.Contain(Config).And.Contain(field));
    }

    [TestCase("{\"hidden_act\": \"\\ud800\"}")]
    [TestCase("{\"id2label\": {\"0\": \"\\udc00\"}}")]
    [TestCase("{\"\\ud800\": 1}")]
    public void Read_OfATextThatIsHalfACharacter_IsATypedError(string config)
    {
        File.WriteAllText(folder.File(Config), config);
        Assert.That(() => BertConfig.Read(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("not Unicode").And.Property("File").EqualTo(folder.File(Config)));
    }

    [Test]
    public void FromPretrained_OfAnIndexWithHalfACharacter_IsATypedError()
    {
        Saved();
        Shard();
        File.WriteAllText(folder.File(Index), "{\"weight_map\": {\"x\": \"\\ud800.safetensors\"}}");
        Assert.That(() => BertForPreTraining.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("not Unicode").And.Property("File").EqualTo(folder.File(Index)));
    }

    [TestCase(Config)]
    [TestCase(Weights)]
    [TestCase(Index)]
    [TestCase("vocab.txt")]
    public void FromPretrained_OfALinkToAPipe_DoesNotWait(string name)
    {
        Saved();
        if (name == Index) Shard();
        File.Delete(folder.File(name));
        File.CreateSymbolicLink(folder.File(name), folder.Pipe("pipe"));
        var read = Task.Run(() => BertForPreTraining.FromPretrained(folder.Path));
        Assert.That(() => read.Wait(TimeSpan.FromSeconds(60)), name == "vocab.txt" ? Is.True : (NUnit.Framework.Constraints.IResolveConstraint)Throws.TypeOf<AggregateException>().With.InnerException.InstanceOf<IOException>());
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
    public void FromPretrained_OfAFolderWithoutFiles_SaysWhatIsMissing()
    {
        Assert.That(() => BertModel.FromPretrained(folder.File("none")), Throws.TypeOf<PretrainedException>().With.Message.Contains("config.json"));
        Saved();
        File.Delete(folder.File(Weights));
        Assert.That(() => BertModel.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("neither model.safetensors nor"));
        File.WriteAllText(folder.File("pytorch_model.bin"), "x");
        Assert.That(() => BertModel.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("pickle"));
        File.WriteAllText(folder.File(Config), "no json");
        Assert.That(() => BertModel.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("not JSON"));
    }

    [Test]
    public void FromPretrained_OfAParameterThatIsThereTwice_ThrowsAndNamesBoth()
    {
        Saved();
        var tensors = Read();
        tensors["embeddings.LayerNorm.gamma"] = tensors["bert.embeddings.LayerNorm.weight"];
        Safetensors.Save(folder.File(Weights), tensors);
        Assert.That(() => BertModel.FromPretrained(folder.Path), Throws.TypeOf<PretrainedException>().With.Message.Contains("embeddings.LayerNorm.gamma").And.Message.Contains("bert.embeddings.LayerNorm.weight"));
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
