using System.Text.Json;
using Engine.Layers;

namespace Engine.Tests;

public class WordPieceTokenizerTests
{
    private static readonly string[] Tokens =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "film", "##s", "good", "un", "##want", "##ed", "cafe", ",", "!", "the", "北", "京", "'", "t", "don", "[", "]", "sep"];

    private static readonly WordPieceTokenizer Uncased = new(Tokens);

    [TestCase("A good films", new[] { 5, 8, 6, 7 })]
    [TestCase("  unwanted\nfilm\t!", new[] { 9, 10, 11, 6, 14 })]
    [TestCase("Café, CAFE\u0301", new[] { 12, 13, 12 })]
    [TestCase("the北京a", new[] { 15, 16, 17, 5 })]
    [TestCase("don't", new[] { 20, 18, 19 })]
    [TestCase("f\u200Bil\0m\uFFFD", new[] { 6 })]
    [TestCase("filmz good", new[] { 1, 8 })]
    [TestCase("good\u00A0film\u2028a", new[] { 8, 6, 5 })]
    [TestCase("", new int[0])]
    [TestCase(" \n\u0000", new int[0])]
    [TestCase("a\uD800a", new[] { 1 })]
    public void Pieces(string text, int[] expected)
    {
        var encoded = Uncased.Encode(text, options: new() { AddSpecial = false });
        Assert.That(encoded.Ids, Is.EqualTo(expected));
        Assert.That(Uncased.Encode(text).Ids, Is.EqualTo((int[])[2, .. expected, 3]));
        Assert.That(((ITokenizer)Uncased).Encode(text), Is.EqualTo((int[])[2, .. expected, 3]));
    }

    [Test]
    public void RealText_GivesHuggingFacesIds()
    {
        string root = Path.Combine(Environment.GetEnvironmentVariable("ENGINE_DATA") ?? "", "bert"), text = Path.Combine(root, "rust.txt"), vocabulary = Path.Combine(root, "vocab.txt"), ids = Path.Combine(root, "rust-token-ids.json");
        if (!File.Exists(text) || !File.Exists(vocabulary) || !File.Exists(ids)) Assert.Ignore("bert/rust.txt, vocab.txt or rust-token-ids.json: ENGINE_DATA names no folder that has them.");
        var tokenizer = WordPieceTokenizer.FromVocabulary(vocabulary);
        using var expected = JsonDocument.Parse(File.ReadAllText(ids));
        string read = File.ReadAllText(text);
        var encoded = tokenizer.Encode(read);
        Assert.That(tokenizer.Count, Is.EqualTo(30_522));
        Assert.That(encoded.Ids, Is.EqualTo(expected.RootElement.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray()));
        for (int i = 0; i < encoded.Length; i++)
        {
            string part = read.Substring(encoded.Offsets[i].Start, encoded.Offsets[i].Length), token = tokenizer[encoded.Ids[i]];
            if (part.All(char.IsAscii) && token != "[UNK]" && !encoded.SpecialMask[i]) Assert.That(part.ToLowerInvariant(), Is.EqualTo(token.StartsWith("##", StringComparison.Ordinal) && token.Length > 2 ? token[2..] : token));
        }
    }
}
