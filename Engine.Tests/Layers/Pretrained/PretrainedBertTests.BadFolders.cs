using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>Folders that are refused: typed errors that name the file and the field.</summary>
public partial class PretrainedBertTests
{
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
}
