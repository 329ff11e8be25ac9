using CsCheck;
using Engine.Layers;

namespace Engine.Tests;

public class SubwordTokenizerTests
{
    private static readonly WordPieceTokenizer Letters = new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefgh".Select(c => c.ToString()), .. "abcdefgh".Select(c => "##" + c)]);

    private static string Said(EncodedText text) => string.Join(' ', text.Ids.Select(id => Letters[id]));

    [Test]
    public void TwoTexts_AreParted()
    {
        var encoded = Letters.Encode("ab c", "D, ef");
        Assert.That(Said(encoded), Is.EqualTo("[CLS] a ##b c [SEP] d [UNK] e ##f [SEP]"));
        Assert.That(encoded.TypeIds, Is.EqualTo(new[] { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 }));
        Assert.That(encoded.Words, Is.EqualTo(new[] { -1, 0, 0, 1, -1, 2, 3, 4, 4, -1 }));
        Assert.That(encoded.SpecialMask, Is.EqualTo(new[] { true, false, false, false, true, false, false, false, false, true }));
        Assert.That(encoded.Offsets, Is.EqualTo(new TextSpan[] { default, new(0, 1), new(1, 1), new(3, 1), default, new(0, 1), new(1, 1), new(3, 1), new(4, 1), default }));
        Assert.That((Letters.AddedTokens(pair: false), Letters.AddedTokens(pair: true)), Is.EqualTo((2, 3)));
        Assert.That(Said(Letters.Encode("a", "")), Is.EqualTo("[CLS] a [SEP] [SEP]"));
        Assert.That(Said(Letters.Encode("a", "b", new() { AddSpecial = false })), Is.EqualTo("a b"));
    }

    // first, second, room, how: what is left of each
    [TestCase(5, 5, 7, TextTruncation.LongestFirst, 4, 3)]
    [TestCase(10, 5, 7, TextTruncation.LongestFirst, 4, 3)]
    [TestCase(5, 10, 7, TextTruncation.LongestFirst, 4, 3)]
    [TestCase(2, 10, 7, TextTruncation.LongestFirst, 2, 5)]
    [TestCase(10, 2, 7, TextTruncation.LongestFirst, 5, 2)]
    [TestCase(3, 3, 7, TextTruncation.LongestFirst, 3, 3)]
    [TestCase(9, 9, 0, TextTruncation.LongestFirst, 0, 0)]
    [TestCase(9, 3, 7, TextTruncation.OnlyFirst, 4, 3)]
    [TestCase(3, 9, 7, TextTruncation.OnlySecond, 3, 4)]
    [TestCase(3, 4, 4, TextTruncation.OnlyFirst, 0, 4)]
    public void TooLongTexts_AreCut(int first, int second, int room, TextTruncation truncation, int firstLeft, int secondLeft)
    {
        string one = string.Join(' ', Enumerable.Repeat("a", first - 1).Append("c")), two = string.Join(' ', Enumerable.Repeat("b", second - 1).Append("d"));
        var options = new EncodeOptions { MaxLength = room + 3, Truncation = truncation };
        var ends = Letters.Encode(one, two, options);
        var starts = Letters.Encode(one, two, options with { Cut = SequenceEnd.Start });
        foreach (var encoded in new[] { ends, starts })
        {
            Assert.That((encoded.TypeIds.Count(type => type == 0) - 2, encoded.TypeIds.Count(type => type == 1) - 1), Is.EqualTo((firstLeft, secondLeft)));
            Assert.That(encoded.Words.Where(word => word >= 0), Is.EqualTo(Enumerable.Range(0, firstLeft + secondLeft)));
        }
        Assert.That(Said(starts).Contains('c'), Is.EqualTo(firstLeft > 0));
        Assert.That(Said(ends).Contains('c'), Is.EqualTo(firstLeft == first));
    }

    [Test]
    public void SpecialTokens_AreFoundInOrder_TheLongestFirst()
    {
        var table = new TokenTable(["<a>", "<a><b>", "<b>", "<never>", ">x"]);
        var special = new SpecialTokens(table, table.Tokens);
        Assert.That(special.In("<b><a><b>x<a>x <a>").Select(one => (one.At, table[one.Id])), Is.EqualTo(new[] { (0, "<b>"), (3, "<a><b>"), (10, "<a>"), (15, "<a>") }));
        Assert.That(special.In(""), Is.Empty);
        Assert.That(special.In(string.Concat(Enumerable.Repeat("<a>", 200_000))).Count(), Is.EqualTo(200_000), "in a time that does not grow with the square of it");
    }

    [Test]
    public void OneText_IsCutToo()
    {
        Assert.That(Said(Letters.Encode("abc d", options: new() { MaxLength = 4 })), Is.EqualTo("[CLS] a ##b [SEP]"));
        Assert.That(Said(Letters.Encode("abc d", options: new() { MaxLength = 2, Truncation = TextTruncation.OnlySecond })), Is.EqualTo("[CLS] [SEP]"));
    }

    [Test]
    public void NoRoom_IsRefused()
    {
        Assert.That(() => Letters.Encode("a", options: new() { MaxLength = 1 }), Throws.ArgumentException.With.Message.Contains("MaxLength is 1, and 2 special tokens stand around the text"));
        Assert.That(() => Letters.Encode("a", "b", new() { MaxLength = 2 }), Throws.ArgumentException.With.Message.Contains("3 special tokens stand around the texts"));
        Assert.That(() => Letters.Encode("a", "b c d", new() { MaxLength = 5, Truncation = TextTruncation.OnlyFirst }), Throws.ArgumentException.With.Message.Contains("The second text has 3 tokens, there is room for 2"));
        Assert.That(() => Letters.Encode("a b c", "b", new() { MaxLength = 5, Truncation = TextTruncation.OnlySecond }), Throws.ArgumentException.With.Message.Contains("The first text has 3 tokens"));
        Assert.That(() => new EncodeOptions { MaxLength = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EncodeOptions { Truncation = (TextTruncation)7 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void SpecialTokens_AreTextUnlessAskedFor()
    {
        Assert.That(Said(Letters.Encode("a[SEP]b", options: new() { AddSpecial = false })), Is.EqualTo("a [UNK] [UNK] [UNK] b"));
        var encoded = Letters.Encode("a[MASK]b[SEP", options: new() { AddSpecial = false, RecogniseSpecial = true });
        Assert.That(Said(encoded), Is.EqualTo("a [MASK] b [UNK] [UNK]"));
        Assert.That(encoded.Offsets[..3], Is.EqualTo(new TextSpan[] { new(0, 1), new(1, 6), new(7, 1) }));
        Assert.That(encoded.Words, Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(encoded.SpecialMask, Has.None.True);
        var longer = new WordPieceTokenizer([.. Letters.Tokens, "[SEP]b", "x[SE"], special: ["[SEP]b", "x[SE"]);
        Assert.That(longer.Encode("a[SEP]bx[SEP]", options: new() { AddSpecial = false, RecogniseSpecial = true }).Ids, Is.EqualTo(new[] { 5, 21, 22, 1, 1 }), "the longest of those that begin first");
    }

    [Test]
    public void Batches_ArePaddedToTheLongest()
    {
        var batch = Letters.EncodeBatch(["a b c d e", "a", ""], ["f", "", "g h"], new() { MaxLength = 7 });
        Assert.That(batch.Ids.Shape.ToArray(), Is.EqualTo(new[] { 3, 7 }));
        Assert.That(batch.Lengths, Is.EqualTo(new[] { 7, 4, 5 }));
        Assert.That(batch.Ids.ToArray<int>(), Is.EqualTo(new[] { 2, 5, 6, 7, 3, 10, 3, 2, 5, 3, 3, 0, 0, 0, 2, 3, 11, 12, 3, 0, 0 }));
        Assert.That(batch.TypeIds.ToArray<int>(), Is.EqualTo(new[] { 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0 }));
        Assert.That(batch.Texts[2].Ids, Is.EqualTo(new[] { 2, 3, 11, 12, 3 }));
        Assert.That(() => Letters.EncodeBatch([]), Throws.ArgumentException.With.Message.Contains("There is no text"));
        Assert.That(() => Letters.EncodeBatch(["a"], ["b", "c"]), Throws.ArgumentException.With.Message.Contains("1 texts and 2 to pair"));
        Assert.That(() => Letters.EncodeBatch(["a", "a"], ["b", "b c d e f"], new() { MaxLength = 6, Truncation = TextTruncation.OnlyFirst }), Throws.ArgumentException.With.Message.Contains("Text 1: The second text has 5"));
        Assert.That(() => Letters.EncodeBatch(["", " "], options: new() { AddSpecial = false }), Throws.ArgumentException.With.Message.Contains("no token in the batch"));
        Assert.That(() => Letters.EncodeBatch(["a", null!]), Throws.ArgumentException.With.Message.Contains("Text 1"));
    }

    [Test]
    public void Words_AreJoinedAgain()
    {
        var tokenizer = new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "it", "'", "s", "good", "##s", ",", ".", "isn", "t", "##"]);
        Assert.That(tokenizer.Decode(tokenizer.Encode("It's good, goods. ").Ids), Is.EqualTo("it's good, goods."));
        Assert.That(tokenizer.Decode(tokenizer.Encode("It's [").Ids, special: true), Is.EqualTo("[CLS] it's [UNK] [SEP]"));
        Assert.That(tokenizer.Decode([8, 10, 9], special: false, cleanUp: false), Is.EqualTo("good ,s"));
        Assert.That(tokenizer.Decode([9, 8]), Is.EqualTo("##s good"), "a piece that nothing is before");
        Assert.That(tokenizer.Decode([]), Is.Empty);
        Assert.That(() => tokenizer.Decode([15]), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("no token 15 among 15"));
        Assert.That(() => tokenizer.Decode([-1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static readonly Gen<string> AnyText = Gen.OneOf(Gen.Char["aAbB, [SEP]\n\u0301éÉ\uFFFD\u200D中"], Gen.Char, Gen.Char['\uD800', '\uDFFF']).Array[0, 24].Select(units => new string(units));

    /// <summary>Each token's part of the text, encoded alone, gives the token again, and the parts are in order.</summary>
    [Test]
    public void Offsets_PointAtTheText()
        => Gen.Select(AnyText, Gen.Bool).Sample((text, recognise) =>
        {
            var plain = new EncodeOptions { AddSpecial = false, RecogniseSpecial = recognise };
            var encoded = Letters.Encode(text, options: plain);
            for (int i = 0, end = 0; i < encoded.Length; i++)
            {
                var (at, id) = (encoded.Offsets[i], encoded.Ids[i]);
                Assert.That(at.Length, Is.Positive);
                Assert.That(at.Start, Is.GreaterThanOrEqualTo(end));
                end = at.End;
                string token = Letters[id], part = text.Substring(at.Start, at.Length);
                Assert.That(Letters.Encode(part, options: plain).Ids, Is.EqualTo(new[] { Letters[token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : token] }));
                Assert.That(encoded.Words[i], Is.EqualTo(i == 0 ? 0 : encoded.Words[i - 1] + (token.StartsWith("##", StringComparison.Ordinal) ? 0 : 1)));
            }
        }, iter: 5000);
}
