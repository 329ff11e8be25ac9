using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class EncodedTextCollatorTests
{
    private static readonly WordPieceTokenizer Letters = new(["a", "b", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]"]);

    private static DataLoader<LabelledEncoding> Load(params LabelledEncoding[] examples) => new(Datasets.From(examples), new EncodedTextCollator(Letters.Padding), batchSize: 2, seed: 1);

    [Test]
    public void Pairs_AreBatchesWithTypesAndLengths()
    {
        var loader = Load(new(Letters.Encode("a", "b a"), 1), new(Letters.Encode("b"), 0));
        var batch = loader.Epoch(0, Device.Cpu).First();
        Assert.That(batch.Inputs.ToArray<int>(), Is.EqualTo(new[] { 3, 0, 4, 1, 0, 4, 3, 1, 4, 6, 6, 6 }));
        Assert.That(batch[MaskedPairCollator.Types].ToArray<int>(), Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0 }));
        Assert.That(batch.Targets.ToArray<int>(), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(batch.Lengths, Is.EqualTo(new[] { 6, 3 }));
    }

    [Test]
    public void LabelledTexts_AreEncodedWithTheirClasses()
    {
        var texts = new LabelledTexts([new("a b a b a", 1), new("b", 0)], ["bad", "good"]);
        var encoded = texts.Encode(Letters, new() { MaxLength = 4 });
        Assert.That(encoded.Select(one => one.Class), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(encoded[0].Text.Ids, Is.EqualTo(new[] { 3, 0, 1, 4 }));
        Assert.That(texts.Encode(Letters)[0].Tokens.ToArray(), Is.EqualTo(new[] { 3, 0, 1, 0, 1, 0, 4 }));
    }

    [Test]
    public void TextsWithoutTokens_AreRefused()
    {
        var loader = Load(new LabelledEncoding(Letters.Encode("", options: new() { AddSpecial = false }), 0));
        Assert.That(() => loader.Epoch(0, Device.Cpu).First(), Throws.Exception.With.Message.Contains("no tokens"));
    }
}
