using System.Text.Json;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>A small BERT of others, and the scores that ONNX Runtime computes with it.</summary>
public class BertToyTests
{
    private sealed record Case(int Batch, int Sequence, int[] Ids, int[] Types, int[] Mask, float[] Tokens, float[] NextSentence);

    private static string Folder()
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("ENGINE_DATA") ?? "", "bert-toy");
        if (!File.Exists(Path.Combine(folder, "reference.json"))) Assert.Ignore("bert-toy/reference.json: ENGINE_DATA names no folder that has it.");
        return folder;
    }

    private static List<Case> Cases()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(), "reference.json")));
        return [.. json.RootElement.GetProperty("cases").EnumerateArray().Select(c => new Case(c.GetProperty("batch").GetInt32(), c.GetProperty("sequence").GetInt32(),
            Ints(c, "input_ids"), Ints(c, "token_type_ids"), Ints(c, "attention_mask"), Floats(c, "prediction_scores"), Floats(c, "seq_relationship_score")))];

        static int[] Ints(JsonElement c, string name) => [.. c.GetProperty(name).EnumerateArray().Select(x => x.GetInt32())];
        static float[] Floats(JsonElement c, string name) => [.. c.GetProperty(name).EnumerateArray().Select(x => x.GetSingle())];
    }

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Scores_OfEveryTokenAndPair_AreThoseOfOnnxRuntime(string name)
    {
        var device = TestDevices.Get(name);
        double tolerance = name is "cpu" or "reference" ? 1e-5 : 1e-4;
        var model = BertForPreTraining.FromPretrained(Folder(), device: device);
        Assert.That(model.Loaded!.Drawn.Concat(model.Loaded.LeftOver), Is.Empty);
        using var noGrad = NoGrad.Begin();
        foreach (var c in Cases())
        {
            using var scope = device.Scope("case");
            Tensor Given(int[] numbers) => Tensor.From(numbers, [c.Batch, c.Sequence], device);
            var scores = model.Forward(Given(c.Ids), Given(c.Types), Pass.Inference, Given(c.Mask));
            Assert.That(scores.Tokens.Shape, Is.EqualTo(new Shape(c.Batch, c.Sequence, 99)));
            Assert.That(scores.Tokens.ToArray(), Is.EqualTo(c.Tokens).Within(tolerance));
            Assert.That(scores.NextSentence.ToArray(), Is.EqualTo(c.NextSentence).Within(tolerance));
        }
    }

    [TestCase(DType.Float16, 0.004)]
    [TestCase(DType.BFloat16, 0.03)]
    public void Scores_OfWeightsInHalfTheBits_AreWithinTheirPrecision(DType dtype, double tolerance)
    {
        using var folder = new TemporaryFolder();
        BertForPreTraining.FromPretrained(Folder()).SavePretrained(folder.Path, dtype);
        var model = BertForPreTraining.FromPretrained(folder.Path);
        foreach (var c in Cases())
        {
            Tensor Given(int[] numbers) => Tensor.From(numbers, [c.Batch, c.Sequence]);
            using var noGrad = NoGrad.Begin();
            var scores = model.Forward(Given(c.Ids), Given(c.Types), Pass.Inference, Given(c.Mask));
            Assert.That(scores.Tokens.ToArray(), Is.EqualTo(c.Tokens).Within(tolerance));
        }
    }

    [Test]
    public void SavePretrained_OfWhatWasRead_WritesTheSameNamesAndNumbers()
    {
        using var folder = new TemporaryFolder();
        BertForPreTraining.FromPretrained(Folder()).SavePretrained(folder.Path);
        using var given = SafetensorsFile.Open(Path.Combine(Folder(), "model.safetensors"));
        using var written = SafetensorsFile.Open(folder.File("model.safetensors"));
        Assert.That(written.Names, Is.EquivalentTo(given.Names));
        Assert.That(written.Metadata["format"], Is.EqualTo("pt"));
        foreach (string name in given.Names) Assert.That(written.Read(name).ToArray(), Is.EqualTo(given.Read(name).ToArray()), name);
    }
}
