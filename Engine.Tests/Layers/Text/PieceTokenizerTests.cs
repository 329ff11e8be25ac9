using Engine.Layers;
using Microsoft.ML.Tokenizers;

namespace Engine.Tests;

/// <summary>The class that <see cref="ITokenizer"/> shows for Microsoft.ML.Tokenizers, at work.</summary>
public class PieceTokenizerTests
{
    private sealed class PieceTokenizer(Tokenizer pieces, int count) : ITokenizer
    {
        public int Count => count;

        public int[] Encode(string text) => [.. pieces.EncodeToIds(text)];

        public string Decode(ReadOnlySpan<int> ids) => pieces.Decode(ids.ToArray()) ?? "";
    }

    [Test]
    public void WordPieces_AreTokensLikeWords()
    {
        using var vocabulary = new MemoryStream("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nfilm\n##s\ngood\n"u8.ToArray());
        var tokenizer = new PieceTokenizer(BertTokenizer.Create(vocabulary), 9);
        Assert.That((tokenizer.Encode("A good films!"), tokenizer.Count), Is.EqualTo((new[] { 5, 8, 6, 7, 1 }, 9)));
        var texts = new LabelledTexts([new("good", 1), new("a film", 0)], ["bad", "good"]);
        Assert.That(texts.Encode(tokenizer)[1].Tokens.ToArray(), Is.EqualTo(new[] { 5, 6 }));
        Assert.That(tokenizer.Decode([5, 6, 7]), Does.Contain("films"));
    }
}
