using CsCheck;
using Engine.Layers;

namespace Engine.Tests;

public class ByteLevelBpeTests
{
    private static readonly string[] Bytes = [.. Enumerable.Range(0, 256).Select(value => ByteCharacters.Of((byte)value).ToString())];

    private static readonly ByteLevelBpe Small = new([.. Bytes, "Ġt", "he", "Ġthe", "ll", "'ll", "12", "ðŁ", "<|endoftext|>"], [("Ġ", "t"), ("h", "e"), ("Ġt", "he"), ("l", "l"), ("'", "ll"), ("1", "2"), ("ð", "Ł")]);

    private static string[] TokensOf(string text) => [.. Small.Encode(text).Ids.Select(id => Small[id])];

    [TestCase("the the", new[] { "t", "he", "Ġthe" })]
    [TestCase("he'll 12", new[] { "he", "'ll", "Ġ", "12" })]
    [TestCase("a\n\n the", new[] { "a", "Ċ", "Ċ", "Ġthe" })]
    [TestCase("", new string[0])]
    [TestCase("😀", new[] { "ðŁ", "ĺ", "Ģ" })]
    public void Pieces(string text, string[] expected) => Assert.That(TokensOf(text), Is.EqualTo(expected));

    [TestCase("Hello world's 123abc  x", new[] { "Hello", " world", "'s", " 123", "abc", " ", " x" })]
    [TestCase("we'll I'M\n\n\tgo", new[] { "we", "'ll", " I", "'", "M", "\n\n", "\t", "go" })]
    [TestCase(" \u00A0a\u3000", new[] { " ", "\u00A0", "a", "\u3000" })]
    [TestCase("!?  ", new[] { "!?", "  " })]
    [TestCase("a\U00020000\U0001D7CE😀²", new[] { "a\U00020000", "\U0001D7CE", "😀", "²" })]
    public void Words(string text, string[] expected)
    {
        var words = new List<string>();
        for (int at = 0; at < text.Length; at += words[^1].Length) words.Add(text.Substring(at, GptWords.Next(text.AsSpan(at))));
        Assert.That(words, Is.EqualTo(expected));
    }

    [Test]
    public void AnyText_ComesBack()
        => Gen.String.Sample(text =>
        {
            var encoded = Small.Encode(text);
            Assert.That(Small.Decode(encoded.Ids), Is.EqualTo(new string(text.EnumerateRunes().SelectMany(rune => rune.ToString()).ToArray())));
            for (int i = 0, end = 0; i < encoded.Length; i++)
            {
                Assert.That(encoded.Offsets[i].Start, Is.LessThanOrEqualTo(end), "nothing is left out");
                end = encoded.Offsets[i].End;
                if (i == encoded.Length - 1) Assert.That(end, Is.EqualTo(text.Length));
            }
        });
}
