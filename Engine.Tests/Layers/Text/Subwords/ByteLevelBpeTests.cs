using System.Text;
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

    private static readonly Gen<string> AnyText
        = Gen.OneOf(Gen.Char["the ll'12\n\t é😀\u3000"], Gen.Char, Gen.Char['\uD800', '\uDFFF']).Array[0, 24].Select(units => new string(units));

    /// <summary>Halves of surrogate pairs, which are no characters, come back as U+FFFD; every token has the characters that its bytes are of.</summary>
    [Test]
    public void AnyText_ComesBack()
        => AnyText.Sample(text =>
        {
            var encoded = Small.Encode(text);
            string characters = string.Concat(text.EnumerateRunes());
            Assert.That(Small.Decode(encoded.Ids), Is.EqualTo(characters));
            int bytes = 0;
            for (int i = 0; i < encoded.Length; i++)
            {
                int length = Small[encoded.Ids[i]].Length;
                Assert.That(encoded.Offsets[i], Is.EqualTo(SpanOf(characters, bytes, bytes + length)));
                bytes += length;
            }
            Assert.That(bytes, Is.EqualTo(Encoding.UTF8.GetByteCount(characters)));
        }, iter: 5000);

    private static TextSpan SpanOf(string text, int firstByte, int endByte)
    {
        int at = 0, bytes = 0, first = -1;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (first < 0 && bytes > firstByte) first = at;
            at += rune.Utf16SequenceLength;
            if (bytes >= endByte) break;
        }
        return new TextSpan(first, at - first);
    }

    /// <summary>Against merging the first pair of the list that a word has, again and again.</summary>
    [Test]
    public void Merges_AreMadeInTheirOrder()
        => Gen.Select(AnyText.Array[1, 10], AnyText).Sample((texts, text) =>
        {
            var tokenizer = ByteLevelBpe.Train(texts, new() { Size = 300, MinCount = 1 });
            string characters = string.Concat(text.EnumerateRunes());
            var expected = new List<string>();
            for (int at = 0, length; at < characters.Length; at += length)
            {
                length = GptWords.Next(characters.AsSpan(at));
                var word = Encoding.UTF8.GetBytes(characters.Substring(at, length)).Select(value => ByteCharacters.Of(value).ToString()).ToList();
                while (tokenizer.Merges.FirstOrDefault(merge => Place(word, merge) >= 0) is { Left: not null } first)
                    for (int i; (i = Place(word, first)) >= 0; word.RemoveAt(i + 1)) word[i] += word[i + 1];
                expected.AddRange(word);
            }
            Assert.That(tokenizer.Encode(text).Ids.Select(id => tokenizer[id]), Is.EqualTo(expected));
        }, iter: 500);

    private static int Place(List<string> word, (string Left, string Right) merge)
    {
        for (int i = 0; i + 1 < word.Count; i++)
            if (word[i] == merge.Left && word[i + 1] == merge.Right) return i;
        return -1;
    }

    [Test]
    public void LongWords_AreCut()
    {
        string text = string.Concat(Enumerable.Repeat("the", 100_000));
        var encoded = Small.Encode(text);
        Assert.That(Small.Decode(encoded.Ids), Is.EqualTo(text));
        Assert.That(encoded.Words[^1], Is.EqualTo(text.Length / GptWords.Longest));
    }

    [Test]
    public void ManyThreads_GetTheSameTokens()
    {
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"the hello {i} {i * 7919 % 997}'ll {new string('é', i % 7)}")];
        var tokenizer = ByteLevelBpe.Train(texts, new() { Size = 400 });
        var batch = tokenizer.EncodeBatch(texts);
        for (int i = 0; i < texts.Length; i++) Assert.That(batch.Texts[i].Ids, Is.EqualTo(tokenizer.Encode(texts[i]).Ids));
    }

    [Test]
    public void WhatDoesNotGoTogether_IsRefused()
    {
        Assert.That(() => new ByteLevelBpe(Bytes.Skip(1), []), Throws.ArgumentException.With.Message.Contains("byte 0 has no token 'Ā'"));
        Assert.That(() => new ByteLevelBpe(Bytes, [("a", "b")]), Throws.ArgumentException.With.Message.Contains("needs a token 'ab'"));
        Assert.That(() => new ByteLevelBpe([.. Bytes, "a"], []), Throws.ArgumentException.With.Message.Contains("'a' is token 97 and token 256"));
        Assert.That(() => new ByteLevelBpe(Bytes, [], ["<s>"]), Throws.ArgumentException.With.Message.Contains("no token '<s>'"));
        Assert.That(() => Small.Decode([999]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(new ByteLevelBpe(Bytes, []).EndOfText, Is.Null);
    }
}
